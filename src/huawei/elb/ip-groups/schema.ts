import { z } from 'zod'
import { description, name } from '../fields.ts'

/** Addresses of a group. */
export const maxAddresses = 300

const entry = z.strictObject({ ip: z.string().min(1).max(64), description })

export const ipGroupFields = z.strictObject({ name, description, ip_list: z.array(entry) })

export type IpGroupFields = z.infer<typeof ipGroupFields>

const sentList = z.array(entry.partial({ description: true })).max(maxAddresses)

export const ipGroupUpdate = ipGroupFields.extend({ ip_list: sentList }).partial()

export const ipGroupCreation = ipGroupUpdate.extend({
  ip_list: sentList,
  enterprise_project_id: z.string().max(36).optional(),
})

/** Of `iplist/create-or-update` and `iplist/batch-delete`. */
export const ipListChange = z.strictObject({ ip_list: sentList })
export const ipListDeletion = z.strictObject({
  ip_list: z.array(z.strictObject({ ip: z.string().min(1).max(64) })).max(maxAddresses),
})

export type IpGroupUpdate = z.infer<typeof ipGroupUpdate>
export type IpGroupCreation = z.infer<typeof ipGroupCreation>
export type SentEntry = z.infer<typeof sentList>[number]
