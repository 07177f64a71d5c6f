import { z } from 'zod'
import { port, reference } from '../elb/fields.ts'
import { createMember, deleteMember, updateMember } from '../elb/members/members.ts'
import { memberCreation, memberUpdate } from '../elb/members/schema.ts'
import { member } from '../elb/nouns.ts'
import type { MemberRecord } from '../elb/records.ts'
import type { Change, Scope } from '../elb/scope.ts'
import type { Input } from '../wire/routes.ts'
import { commonFields, named, orDefault, owner, shown, unsupported } from './fields.ts'
import type { Resource } from './resource.ts'
import { memberStatus } from './statuses.ts'

const update = z.strictObject({
  ...named,
  weight: memberUpdate.shape.weight.nullable(),
  backup: z.literal(false, 'There are no backup members: it can only be false').nullish(),
  monitor_address: unsupported,
  monitor_port: unsupported,
})

const creation = update.extend({
  ...owner,
  address: memberCreation.shape.address,
  protocol_port: port,
  subnet_id: reference.nullish(),
})

/** A member of a pool that is made with it. */
export const memberPart = creation

export type MemberPart = z.infer<typeof memberPart>

type Creation = z.infer<typeof creation>
type Update = z.infer<typeof update>

export const members: Resource<MemberRecord, Creation, Update> = {
  ...member,
  creation,
  update,
  view,
  filterBy: [
    'address',
    'protocol_port',
    'subnet_id',
    'weight',
    'backup',
    'monitor_address',
    'monitor_port',
  ],
  create,
  change: (made, record, fields) => updateMember(made, record, asHuawei(fields)),
  remove: deleteMember,
}

/** @throws HuaweiError as createMember does */
function create(
  made: Change,
  fields: Creation,
  params: Input<unknown>['params'],
): Promise<MemberRecord> {
  const { address, protocol_port, subnet_id } = fields
  const place = { address, protocol_port, subnet_cidr_id: subnet_id }
  return createMember(made, made.project.pools.need(params.pool_id ?? ''), {
    ...asHuawei(fields),
    ...place,
  })
}

function asHuawei(fields: Update) {
  return { ...commonFields(fields), weight: orDefault(fields.weight, 1) }
}

function view(scope: Scope, record: MemberRecord) {
  return {
    ...shown(record),
    name: record.name,
    operating_status: memberStatus(scope, record),
    address: record.address,
    protocol_port: record.protocol_port,
    subnet_id: record.subnet_cidr_id,
    weight: record.weight,
    backup: false,
    monitor_address: null,
    monitor_port: null,
  }
}
