import { z } from 'zod'
import { owned } from '../answers.ts'
import { port } from '../fields.ts'
import type { MemberRecord } from '../records.ts'
import type { Scope } from '../scope.ts'
import { memberFields } from './schema.ts'
import {
  failureReason,
  operatingStatus,
  operatingStatuses,
  reasonOf,
  statusByListener,
} from './status.ts'

export const memberAnswer = memberFields
  .extend({
    ...owned,
    pool_id: z.string(),
    address: z.union([z.ipv4(), z.ipv6()]),
    protocol_port: port,
    subnet_cidr_id: z.string().nullable(),
    ip_version: z.enum(['v4', 'v6']),
    member_type: z.enum(['ip', 'instance']),
    instance_id: z.literal(''),
    operating_status: z.enum(operatingStatuses),
    status: z.array(
      z.strictObject({
        listener_id: z.string(),
        operating_status: z.enum(operatingStatuses),
        reason: failureReason.nullable(),
      }),
    ),
    reason: failureReason.nullable(),
  })
  .meta({ id: 'Member' })

export type MemberView = z.infer<typeof memberAnswer>

/** A member as the API shows it. */
export function memberView(scope: Scope, record: MemberRecord): MemberView {
  const { tags: _tags, ...fields } = record
  const operating_status = operatingStatus(scope, record)
  return {
    ...fields,
    ip_version: record.address.includes(':') ? 'v6' : 'v4',
    member_type: record.subnet_cidr_id === null ? 'ip' : 'instance',
    instance_id: '',
    operating_status,
    status: statusByListener(scope, record),
    reason: reasonOf(scope, record, operating_status),
  }
}
