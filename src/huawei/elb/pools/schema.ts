import { z } from 'zod'
import { description, name, protection, reference } from '../fields.ts'

const sessionPersistence = z.strictObject({
  type: z.enum(['SOURCE_IP', 'HTTP_COOKIE', 'APP_COOKIE']),
  /** Of the application's own cookie. */
  cookie_name: z
    .string()
    .max(1024)
    .regex(/^[A-Za-z0-9._-]*$/, 'It has letters, digits, dots, hyphens and underscores only'),
  /** Minutes. */
  persistence_timeout: z.number().int().min(1).max(1440),
})

const slowStart = z.strictObject({
  enable: z.boolean(),
  /** Seconds. */
  duration: z.number().int().min(30).max(1200),
})

/** Connections to a member that is removed may go on for so long. */
const connectionDrain = z.strictObject({
  enable: z.boolean(),
  /** Seconds. */
  timeout: z.number().int().min(10).max(4000),
})

/** What can be changed later, as it is stored. */
export const poolFields = z.strictObject({
  name,
  description,
  admin_state_up: z.boolean(),
  lb_algorithm: z.enum(['ROUND_ROBIN', 'LEAST_CONNECTIONS', 'SOURCE_IP']),
  session_persistence: sessionPersistence.nullable(),
  slow_start: slowStart.nullable(),
  connection_drain: connectionDrain.nullable(),
  member_deletion_protection_enable: z.boolean(),
  vpc_id: z.string().max(64),
  type: z.enum(['', 'instance', 'ip']),
  ...protection,
})

export type PoolFields = z.infer<typeof poolFields>

export const poolUpdate = poolFields
  .extend({
    session_persistence: sessionPersistence.partial().nullable(),
    slow_start: slowStart.partial().nullable(),
    connection_drain: connectionDrain.partial().nullable(),
  })
  .partial()

export const poolCreation = poolUpdate.extend({
  protocol: z.enum(['TCP', 'HTTP', 'HTTPS', 'TLS']),
  lb_algorithm: poolFields.shape.lb_algorithm,
  listener_id: reference.nullable().optional(),
  loadbalancer_id: reference.nullable().optional(),
  ip_version: z.enum(['v4', 'v6', 'dualstack']).optional(),
  any_port_enable: z.literal(false).optional(),
})

export type PoolUpdate = z.infer<typeof poolUpdate>
export type PoolCreation = z.infer<typeof poolCreation>
