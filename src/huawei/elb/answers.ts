/** What the answers of many operations have. */
import { z } from 'zod'

/** `2024-06-20T08:00:00Z`. */
const time = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)

/** Attributes of every resource. */
export const owned = {
  id: z.string(),
  project_id: z.string(),
  created_at: time,
  updated_at: time,
}

/** Of other resources. */
export const ids = z.array(z.strictObject({ id: z.string() }))

export const active = z.literal('ACTIVE')

export const enterpriseProject = z.string().max(36)

/** A list that is only looked at. */
export function listOf<Item>(item: z.ZodType<Item>): z.ZodType<readonly Item[]> {
  return z.array(item)
}
