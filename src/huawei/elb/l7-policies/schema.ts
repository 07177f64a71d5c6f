import { z } from 'zod'
import { description, name, reference, switchedOn } from '../fields.ts'
import { l7RuleCreation } from '../l7-rules/schema.ts'
import { placeholder } from './placeholders.ts'

const weightedPool = z.strictObject({
  pool_id: reference,
  weight: z.number().int().min(0).max(100),
})

/** `${protocol}`, `${host}`, `${port}`, `${path}` and `${query}` stand for what the request has. */
const redirectUrl = z.strictObject({
  protocol: z.enum(['HTTP', 'HTTPS', placeholder('protocol')]),
  host: z
    .string()
    .max(128)
    .regex(/^([A-Za-z0-9.-]|\$\{host\})+$/, 'It is a host name'),
  port: z
    .string()
    .regex(/^([1-9]\d{0,4}|\$\{port\})$/, 'It is a port number')
    .refine((port) => !(Number(port) > 65_535), 'It is at most 65535'),
  path: z
    .string()
    .max(128)
    .regex(/^(\/|\$\{path\})[!-~]*$/, 'It begins with a slash and has no spaces'),
  query: z
    .string()
    .max(128)
    .regex(/^[!-~]*$/, 'It has no spaces'),
  status_code: z.enum(['301', '302', '303', '307', '308']),
})

const fixedResponse = z.strictObject({
  status_code: z.string().regex(/^[245]\d\d$/, 'It is 200 to 299, or 400 to 599'),
  content_type: z.enum([
    'text/plain',
    'text/css',
    'text/html',
    'application/javascript',
    'application/json',
  ]),
  message_body: z.string().max(1024),
})

/** What can be changed later, as it is stored. */
export const l7PolicyFields = z.strictObject({
  name,
  description,
  admin_state_up: z.boolean(),
  /** Of advanced listeners; the smallest goes first. */
  priority: z.number().int().min(0).max(10_000),
  redirect_pool_id: reference.nullable(),
  redirect_pools_config: z.array(weightedPool).max(5),
  redirect_listener_id: reference.nullable(),
  redirect_url_config: redirectUrl.nullable(),
  fixed_response_config: fixedResponse.nullable(),
})

export type L7PolicyFields = z.infer<typeof l7PolicyFields>

export const l7PolicyUpdate = l7PolicyFields
  .extend({
    redirect_pools_config: z.array(weightedPool.partial({ weight: true })).max(5),
    redirect_url_config: redirectUrl.partial().nullable(),
    fixed_response_config: fixedResponse.partial().nullable(),
    rules: z.array(switchedOn(l7RuleCreation)).max(10),
  })
  .partial()

export const l7PolicyCreation = l7PolicyUpdate.extend({
  listener_id: reference,
  action: z.enum(['REDIRECT_TO_POOL', 'REDIRECT_TO_LISTENER', 'REDIRECT_TO_URL', 'FIXED_RESPONSE']),
  /** Clients send it; it means nothing. */
  position: z.number().int().optional(),
  redirect_url: z.null().optional(),
})

/** Of `batch-update-priority`. */
export const priorities = z
  .array(z.strictObject({ id: reference, priority: l7PolicyFields.shape.priority }))
  .min(1)
  .max(100)

export type L7PolicyUpdate = z.infer<typeof l7PolicyUpdate>
export type L7PolicyCreation = z.infer<typeof l7PolicyCreation>
