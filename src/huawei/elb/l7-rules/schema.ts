import { z } from 'zod'

const value = z.string().min(1).max(128)

/** One thing that a rule looks for; `key` names a header, a query parameter or a cookie. */
const condition = z.strictObject({ key: z.string().max(40).optional(), value })

/** What can be changed later, as it is stored. */
export const l7RuleFields = z.strictObject({
  admin_state_up: z.boolean(),
  type: z.enum(['HOST_NAME', 'PATH', 'METHOD', 'HEADER', 'QUERY_STRING', 'SOURCE_IP', 'COOKIE']),
  compare_type: z.enum(['EQUAL_TO', 'STARTS_WITH', 'REGEX']),
  invert: z.literal(false),
  key: z.string().max(255).nullable(),
  value: z.string().max(128),
  conditions: z.array(condition).max(10),
})

export type L7RuleFields = z.infer<typeof l7RuleFields>

export const l7RuleUpdate = l7RuleFields.omit({ type: true }).partial()

export const l7RuleCreation = l7RuleFields.partial().extend({
  type: l7RuleFields.shape.type,
  compare_type: l7RuleFields.shape.compare_type,
})

export type L7RuleUpdate = z.infer<typeof l7RuleUpdate>
export type L7RuleCreation = z.infer<typeof l7RuleCreation>
