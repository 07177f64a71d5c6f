import { z } from 'zod'
import { name, port, reference } from '../fields.ts'

/** `200`, `200,202` or `200-204`, and lists of these: at most five. */
const expectedCodes = z
  .string()
  .max(64)
  .regex(
    /^[2-5]\d\d(-[2-5]\d\d)?(,[2-5]\d\d(-[2-5]\d\d)?){0,4}$/,
    'It is a list of at most 5 status codes and ranges of them, of 200 to 599',
  )
  .refine(rangesRise, 'A range goes from the lower status code to the higher one')

function rangesRise(codes: string): boolean {
  return codes.split(',').every((part) => {
    const [first = '', last = first] = part.split('-')
    return first <= last
  })
}

/** What can be changed later, as it is stored. */
export const healthMonitorFields = z.strictObject({
  name,
  admin_state_up: z.boolean(),
  type: z.enum(['TCP', 'HTTP', 'HTTPS', 'TLS']),
  /** Seconds from check to check. */
  delay: z.number().int().min(1).max(50),
  /** Seconds. */
  timeout: z.number().int().min(1).max(50),
  max_retries: z.number().int().min(1).max(10),
  max_retries_down: z.number().int().min(1).max(10),
  domain_name: z
    .string()
    .max(100)
    .regex(/^([A-Za-z0-9][A-Za-z0-9.-]*)?$/, 'It has letters, digits, dots and hyphens only')
    .nullable(),
  url_path: z
    .string()
    .min(1)
    .max(80)
    .regex(/^\/[A-Za-z0-9\-./%?#&_=!:'()+;,@$*~[\]]*$/, 'It begins with a slash and has no spaces'),
  expected_codes: expectedCodes,
  http_method: z.enum(['GET', 'HEAD', 'POST', 'OPTIONS', 'PUT', 'DELETE', 'PATCH', 'TRACE']),
  monitor_port: port.nullable(),
})

export type HealthMonitorFields = z.infer<typeof healthMonitorFields>

export const healthMonitorUpdate = healthMonitorFields
  .extend({
    expected_codes: expectedCodes.nullable(),
    http_method: healthMonitorFields.shape.http_method.nullable(),
  })
  .partial()

export const healthMonitorCreation = healthMonitorUpdate.extend({
  pool_id: reference,
  type: healthMonitorFields.shape.type,
  delay: healthMonitorFields.shape.delay,
  timeout: healthMonitorFields.shape.timeout,
  max_retries: healthMonitorFields.shape.max_retries,
})

export type HealthMonitorUpdate = z.infer<typeof healthMonitorUpdate>
export type HealthMonitorCreation = z.infer<typeof healthMonitorCreation>
