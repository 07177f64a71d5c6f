/** The forms of Keystone's answers. */
import { z } from 'zod'

const domain = z.strictObject({ id: z.string(), name: z.string() })

export const versionAnswer = z.strictObject({
  version: z.strictObject({
    id: z.string(),
    status: z.literal('stable'),
    updated: z.string(),
    links: z.array(z.strictObject({ rel: z.string(), href: z.string() })),
    'media-types': z.array(z.strictObject({ base: z.string(), type: z.string() })),
  }),
})

const catalogEntry = z.strictObject({
  id: z.string(),
  type: z.string(),
  name: z.string(),
  endpoints: z.array(
    z.strictObject({
      id: z.string(),
      interface: z.enum(['public', 'internal', 'admin']),
      region: z.string(),
      region_id: z.string(),
      url: z.string(),
    }),
  ),
})

export const token = z
  .strictObject({
    methods: z.array(z.string()),
    user: z.strictObject({
      id: z.string(),
      name: z.string(),
      domain,
      password_expires_at: z.null(),
    }),
    roles: z.array(domain),
    /** What it is good for: a project, or no more than the domain. */
    project: domain.extend({ domain }).optional(),
    domain: domain.optional(),
    catalog: z.array(catalogEntry),
    issued_at: z.string(),
    expires_at: z.string(),
  })
  .meta({ id: 'Token' })

export const project = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    domain_id: z.string(),
    parent_id: z.string(),
    is_domain: z.literal(false),
    enabled: z.literal(true),
    description: z.string(),
  })
  .meta({ id: 'Project' })

const links = z.strictObject({})

export const catalogAnswer = z.strictObject({ catalog: z.array(catalogEntry), links })
export const tokenAnswer = z.strictObject({ token })
export const projectAnswer = z.strictObject({ project })
export const projectsAnswer = z.strictObject({ projects: z.array(project), links })
export const domainsAnswer = z.strictObject({
  domains: z.array(domain.extend({ enabled: z.literal(true) })),
  links,
})

export const errorAnswer = z
  .strictObject({
    error: z.strictObject({ code: z.number().int(), message: z.string(), title: z.string() }),
  })
  .meta({ id: 'IdentityError' })

export type TokenView = z.infer<typeof token>
export type ProjectView = z.infer<typeof project>
export type CatalogView = z.infer<typeof catalogEntry>
