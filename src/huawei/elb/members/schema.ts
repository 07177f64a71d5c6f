import ipaddr from 'ipaddr.js'
import { z } from 'zod'
import { name, port, reference } from '../fields.ts'

/** What can be changed later. */
export const memberFields = z.strictObject({
  name,
  admin_state_up: z.boolean(),
  /** 0: no new requests. */
  weight: z.number().int().min(0).max(100),
})

export type MemberFields = z.infer<typeof memberFields>

/** Not of many, and not of none. */
function isOfServer(address: string): boolean {
  const range = ipaddr.isValid(address) ? ipaddr.parse(address).range() : ''
  return !['unspecified', 'multicast', 'broadcast'].includes(range)
}

export const memberUpdate = memberFields.partial()

export const memberCreation = memberFields.partial().extend({
  address: z
    .union([z.ipv4(), z.ipv6()], 'It is an IPv4 or IPv6 address')
    .refine(isOfServer, 'It is the address of no server'),
  protocol_port: port,
  subnet_cidr_id: reference.nullable().optional(),
})

/** Of `batch-add`, `batch-update` and `batch-delete`: at most 200 at once. */
export const memberBatch = z.array(memberCreation).min(1).max(200)
export const memberBatchUpdate = z
  .array(memberFields.partial().extend({ id: reference }))
  .min(1)
  .max(200)
export const memberBatchDeletion = z
  .array(
    z.strictObject({
      id: reference.optional(),
      address: z.string().optional(),
      protocol_port: port.optional(),
    }),
  )
  .min(1)
  .max(200)

export type MemberUpdate = z.infer<typeof memberUpdate>
export type MemberCreation = z.infer<typeof memberCreation>
export type MemberDeletion = z.infer<typeof memberBatchDeletion>[number]
