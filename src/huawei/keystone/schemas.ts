import { z } from 'zod'

const domain = z.object({ id: z.string().optional(), name: z.string().optional() })

const password = z.object({
  user: z.object({
    id: z.string().optional(),
    name: z.string().optional(),
    domain: domain.optional(),
    password: z.string(),
  }),
})

const scope = z.object({
  project: z
    .object({
      id: z.string().optional(),
      name: z.string().min(1).max(64).optional(),
      domain: domain.optional(),
    })
    .optional(),
  domain: domain.optional(),
})

/** Of `POST /v3/auth/tokens`; attributes beside these are passed over, as Keystone does. */
export const tokenRequest = z.object({
  auth: z.object({
    identity: z.object({
      methods: z.array(z.string()).min(1),
      password: password.optional(),
      token: z.object({ id: z.string() }).optional(),
    }),
    scope: z.union([scope, z.literal('unscoped')]).optional(),
  }),
})

export type TokenRequest = z.infer<typeof tokenRequest>
