/** Attributes that many resources have. */
import { z } from 'zod'

/** Of another resource. */
export const reference = z.string().min(1).max(64)

export const name = z.string().max(255)

export const description = z.string().max(255)

/** Those of the fields that the schema has. */
export function fieldsOf<Schema extends z.ZodObject>(
  schema: Schema,
  fields: object,
): Partial<z.infer<Schema>> {
  const names = Object.keys(schema.shape)
  const own = Object.entries(fields).filter(([name]) => names.includes(name))
  return Object.fromEntries(own) as Partial<z.infer<Schema>>
}

/** The API has switches that can only be on. */
export const alwaysOn = z.literal(true)

/** Fields of a resource that Octavia can switch off, and this API cannot. */
export function switchedOn<Shape extends z.ZodRawShape>(
  fields: z.ZodObject<Shape, z.core.$strict>,
) {
  return fields.extend({ admin_state_up: alwaysOn.optional() })
}

export const port = z.number().int().min(1).max(65_535)

export const tag = z.strictObject({ key: z.string().min(1).max(36), value: z.string().max(43) })

export const tags = z.array(tag).max(20)

export const protection = {
  protection_status: z.enum(['nonProtection', 'consoleProtection']),
  protection_reason: z.string().max(255),
}

export const unprotected = {
  protection_status: 'nonProtection',
  protection_reason: '',
} as const
