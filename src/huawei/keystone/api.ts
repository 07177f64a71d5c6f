/**
 * As much of Keystone's Identity API v3 as clients of load balancing need: discovery, tokens with a catalog, projects.
 * A user's name is an access key's id and the password its secret, so that there is one kind of credentials to keep.
 */
import type { z } from 'zod'
import { HuaweiError } from '../wire/errors.ts'
import { type Answer, type Call, type DescribedApi, type Route, route } from '../wire/routes.ts'
import {
  catalogAnswer,
  domainsAnswer,
  errorAnswer,
  type ProjectView,
  projectAnswer,
  projectsAnswer,
  type TokenView,
  tokenAnswer,
  versionAnswer,
} from './answers.ts'
import { type CatalogEntry, catalogView } from './catalog.ts'
import type { Project, Projects } from './projects.ts'
import { type TokenRequest, tokenRequest } from './schemas.ts'
import type { Identity, Token, Tokens } from './tokens.ts'

export interface KeystoneOptions {
  readonly projects: Projects
  readonly tokens: Tokens
  readonly region: string
  readonly catalog: readonly CatalogEntry[]
}

export function createKeystoneApi(options: KeystoneOptions): DescribedApi {
  return {
    name: 'keystone',
    routes: [
      versionRoute,
      ...tokenRoutes(options),
      catalogRoute(options),
      ...projectRoutes(options),
    ],
    added: {},
    error: errorAnswer,
    encode: (body) => body,
    encodeError: ({ status, message }): z.infer<typeof errorAnswer> => ({
      error: { code: status, message, title: titles[status] ?? 'Error' },
    }),
  }
}

const titles: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
}

const versionRoute = route({
  method: 'GET',
  path: '/v3',
  name: 'KeystoneShowVersion',
  status: 200,
  answer: versionAnswer,
  open: true,
  run: async (_, { baseUrl }) =>
    ok({
      version: {
        id: 'v3.14',
        status: 'stable',
        updated: '2020-04-07T00:00:00Z',
        links: [{ rel: 'self', href: `${baseUrl}/v3/` }],
        'media-types': [
          { base: 'application/json', type: 'application/vnd.openstack.identity-v3+json' },
        ],
      },
    }),
})

/** Where the token itself is. */
const answerFields = ['X-Subject-Token']

function tokenRoutes(options: KeystoneOptions): Route[] {
  return [
    route({
      method: 'POST',
      path: '/v3/auth/tokens',
      name: 'KeystoneCreateUserToken',
      status: 201,
      answer: tokenAnswer,
      answerFields,
      open: true,
      body: tokenRequest,
      query: ['nocatalog'],
      run: async ({ body }, call) => {
        const who = await identify(body, options.tokens)
        const project = scopeOf(body, options.projects)
        const { text, token } = options.tokens.issue(who, project?.id ?? null)
        return {
          status: 201,
          accessKeyId: who.accessKeyId,
          headers: { 'x-subject-token': text },
          body: { token: tokenView(token, options, call) },
        }
      },
    }),
    route({
      method: 'GET',
      path: '/v3/auth/tokens',
      name: 'KeystoneValidateToken',
      status: 200,
      answer: tokenAnswer,
      answerFields,
      query: ['nocatalog'],
      run: async (_, call) => {
        const text = call.headers['x-subject-token'] ?? ''
        const token = await options.tokens.read(text)
        if (token === undefined) throw new HuaweiError(404, 'NotFound', 'The token is not valid')
        return {
          ...ok({ token: tokenView(token, options, call) }),
          headers: { 'x-subject-token': text },
        }
      },
    }),
  ]
}

/** Who signs gets no token, and so asks for the catalog: of the project that `X-Project-Id` names, or of the region's. */
function catalogRoute({ catalog, projects, tokens, region }: KeystoneOptions): Route {
  return route({
    method: 'GET',
    path: '/v3/auth/catalog',
    name: 'KeystoneShowCatalog',
    status: 200,
    answer: catalogAnswer,
    run: async (_, { headers, baseUrl }) => {
      const token = headers['x-auth-token']
      const named = projects.find(headers['x-project-id'] ?? '') ?? projects.home
      const projectId =
        token === undefined ? named.id : ((await tokens.read(token))?.projectId ?? null)
      return ok({ catalog: catalogView(catalog, { baseUrl, region, projectId }), links: {} })
    },
  })
}

/** A token that is got with another one ends with it. */
async function identify({ auth }: TokenRequest, tokens: Tokens): Promise<Identity> {
  const { methods, password, token } = auth.identity
  if (methods.includes('token')) {
    const known = await tokens.read(token?.id ?? '')
    if (known !== undefined) return { accessKeyId: known.accessKeyId, until: known.expiresAt }
    throw new HuaweiError(401, 'Unauthorized', 'The token is not valid')
  }
  if (!methods.includes('password') || password === undefined) {
    const message = `Of the methods ${methods.join(', ')} none is known: use 'password' or 'token'`
    throw new HuaweiError(401, 'Unauthorized', message)
  }
  const { name, id, password: secret } = password.user
  const user = name ?? id ?? ''
  if (await tokens.accepts(user, secret)) return tokens.identify(user)
  throw new HuaweiError(401, 'Unauthorized', 'The username or password is wrong.')
}

function scopeOf({ auth }: TokenRequest, projects: Projects): Project | null {
  const { scope } = auth
  if (scope === undefined) return projects.home
  if (scope === 'unscoped' || scope.project === undefined) return null
  const { id, name } = scope.project
  const project = id === undefined ? projects.named(name ?? '') : projects.find(id)
  if (project !== undefined && (id ?? name) !== undefined) return project
  throw new HuaweiError(
    401,
    'Unauthorized',
    `There is no project ${id ?? name ?? 'without a name'}`,
  )
}

function tokenView(token: Token, options: KeystoneOptions, { baseUrl }: Call): TokenView {
  const { projects, region } = options
  const { projectId } = token
  const domain = projects.domain
  const project = projectId === null ? undefined : projects.find(projectId)
  const name = token.accessKeyId ?? 'anybody'
  return {
    methods: ['password'],
    user: { id: name, name, domain, password_expires_at: null },
    roles: [{ id: 'elb-admin', name: 'elb_adm' }],
    ...(project === undefined ? { domain } : { project: { ...project, domain } }),
    catalog: catalogView(options.catalog, { baseUrl, region, projectId }),
    issued_at: timestamp(token.issuedAt),
    expires_at: timestamp(token.expiresAt),
  }
}

function timestamp(at: number): string {
  return new Date(at).toISOString().replace('Z', '000Z')
}

function projectRoutes({ projects }: KeystoneOptions): Route[] {
  const view = (project: Project): ProjectView => ({
    ...project,
    domain_id: projects.domain.id,
    parent_id: projects.domain.id,
    is_domain: false,
    enabled: true,
    description: '',
  })
  return [
    route({
      method: 'GET',
      path: '/v3/projects',
      name: 'KeystoneListProjects',
      status: 200,
      answer: projectsAnswer,
      query: ['name', 'domain_id', 'enabled', 'page', 'per_page'],
      run: async ({ query }) => {
        const name = query.get('name')?.[0]
        const project = name === undefined ? projects.home : projects.named(name)
        return ok({ projects: [view(project)], links: {} })
      },
    }),
    route({
      method: 'GET',
      path: '/v3/projects/{id}',
      name: 'KeystoneShowProject',
      status: 200,
      answer: projectAnswer,
      run: async ({ params }) => {
        const project = projects.find(params.id ?? '')
        if (project !== undefined) return ok({ project: view(project) })
        throw new HuaweiError(404, 'NotFound', `There is no project ${params.id}`)
      },
    }),
    route({
      method: 'GET',
      path: '/v3/auth/projects',
      name: 'KeystoneListAuthProjects',
      status: 200,
      answer: projectsAnswer,
      run: async () => ok({ projects: [view(projects.home)], links: {} }),
    }),
    route({
      method: 'GET',
      path: '/v3/auth/domains',
      name: 'KeystoneListAuthDomains',
      status: 200,
      // What a client calls its domain is passed over, as when it logs in.
      query: ['name'],
      answer: domainsAnswer,
      run: async () => ok({ domains: [{ ...projects.domain, enabled: true }], links: {} }),
    }),
  ]
}

function ok(body: object): Answer {
  return { status: 200, body }
}
