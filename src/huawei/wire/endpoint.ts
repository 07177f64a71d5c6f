/**
 * The one endpoint of all Huawei Cloud services: find the route, ask who is there, read the input, run, answer. All errors become answers
 * here, and every request becomes one line of the log.
 */
import { randomUUID } from 'node:crypto'
import type { Clock } from '../../std/clock.ts'
import type { Store } from '../../store/store.ts'
import type { Logger } from '../../telemetry/logger.ts'
import { readBody } from './body.ts'
import { HuaweiError, notPermitted, unauthenticated } from './errors.ts'
import { type HuaweiRequest, type HuaweiResponse, pathOf, queryOf } from './http.ts'
import { type Answer, type Api, checkQuery, type Found, Router } from './routes.ts'
import { type AccessKeys, isSigned, verifySignature } from './signature.ts'

export interface HuaweiEndpointOptions {
  /** The first answers what is for none. */
  readonly apis: readonly [Api, ...Api[]]
  readonly store: Store
  readonly clock: Clock
  readonly logger: Logger
  readonly auth: Authentication
}

/**
 * @param refuse says why a request is not served where nobody proves who they are: another site's page may have sent it.
 */
export type Authentication =
  | { readonly kind: 'required'; readonly keys: AccessKeys; readonly tokens: TokenReader }
  | {
      readonly kind: 'none'
      readonly refuse: (headers: HuaweiRequest['headers']) => string | null
      readonly tokens: TokenReader
    }

export interface TokenReader {
  /** The project that the token is good for, null for none; undefined when the token is good for nothing. */
  projectOf(token: string): Promise<string | null | undefined>
}

export type HuaweiEndpoint = (request: HuaweiRequest) => Promise<HuaweiResponse>

export function createHuaweiEndpoint(options: HuaweiEndpointOptions): HuaweiEndpoint {
  const endpoint = new Endpoint(options)
  return (request) => endpoint.answer(request)
}

/** A page of 500 members, or a certificate with its chain, many times over. */
export const maxBodyBytes = 1_048_576

class Endpoint {
  readonly #options: HuaweiEndpointOptions
  readonly #router: Router

  constructor(options: HuaweiEndpointOptions) {
    this.#options = options
    this.#router = new Router(options.apis)
  }

  async answer(request: HuaweiRequest): Promise<HuaweiResponse> {
    const requestId = randomUUID().replaceAll('-', '')
    const started = this.#options.clock.monotonic()
    const found = this.#router.find(request.method, pathOf(request))
    const api = found?.api ?? this.#options.apis[0]
    let answer: Answer
    let code: string | undefined
    try {
      answer = await this.#run(request, found)
      if (answer.body !== null) answer = { ...answer, body: api.encode(answer.body, requestId) }
    } catch (thrown) {
      const error = this.#toHuaweiError(thrown, requestId, found)
      code = error.code
      answer = { status: error.status, body: api.encodeError(error, requestId) }
    }
    this.#log(found, requestId, answer.status, code, started)
    const { status, headers, body } = answer
    return {
      status,
      headers: {
        ...(body === null ? {} : { 'content-type': 'application/json' }),
        ...headers,
        'x-request-id': requestId,
      },
      body: body === null ? null : JSON.stringify(body),
    }
  }

  async #run(request: HuaweiRequest, found: Found | undefined): Promise<Answer> {
    if (request.body.byteLength > maxBodyBytes) {
      throw new HuaweiError(413, 'APIGW.0201', `The body is larger than ${maxBodyBytes} bytes`)
    }
    if (found === undefined) {
      const asked = `${request.method} ${pathOf(request)}`
      throw new HuaweiError(404, 'APIGW.0101', `The API does not exist: ${asked}`)
    }
    const { route, params } = found
    const projectId = params.project_id ?? (route.scoped ? await this.#projectOf(request) : '')
    this.#refuseForeignPages(request)
    if (route.open === undefined) await this.#authenticate(request, projectId)
    if (params.project_id !== undefined || route.scoped) requireProjectId(projectId)
    const query = queryOf(request)
    checkQuery(query, route.query ?? [])
    const body = route.body === undefined ? undefined : readBody(request.body, route.body)
    const { store, clock } = this.#options
    const { headers } = request
    const baseUrl = `http://${headers.host ?? ''}`
    return route.run({ params, query, body }, { projectId, store, clock, baseUrl, headers })
  }

  #refuseForeignPages({ headers }: HuaweiRequest): void {
    const { auth } = this.#options
    const reason = auth.kind === 'none' ? auth.refuse(headers) : null
    if (reason !== null) {
      throw notPermitted(`Refused: nobody has to say who they are here, and ${reason}`)
    }
  }

  /** Of the token; who has none names it. Empty: it is not said. */
  async #projectOf({ headers }: HuaweiRequest): Promise<string> {
    const token = headers['x-auth-token']
    if (token === undefined) return headers['x-project-id'] ?? ''
    return (await this.#options.auth.tokens.projectOf(token)) ?? ''
  }

  async #authenticate(request: HuaweiRequest, projectId: string): Promise<void> {
    const { auth, clock } = this.#options
    if (auth.kind === 'none') return
    if (isSigned(request)) {
      await verifySignature(request, auth.keys, clock.now())
      return
    }
    const token = request.headers['x-auth-token']
    if (token === undefined) {
      throw unauthenticated('there is neither a signature (SDK-HMAC-SHA256) nor an X-Auth-Token')
    }
    const project = await auth.tokens.projectOf(token)
    if (project === undefined) throw unauthenticated('decrypt token fail')
    if (projectId !== '' && project !== projectId) {
      throw notPermitted(`The token is not for project ${projectId}`)
    }
  }

  #toHuaweiError(thrown: unknown, requestId: string, found: Found | undefined): HuaweiError {
    if (thrown instanceof HuaweiError) return thrown
    const operation = found?.route.name
    this.#options.logger.error({ err: thrown, requestId, operation }, 'huawei request failed')
    return new HuaweiError(500, 'ELB.8906', 'The request failed because of an internal error')
  }

  /** Names and ids only: parameters can hold secrets. */
  #log(
    found: Found | undefined,
    requestId: string,
    status: number,
    code: string | undefined,
    started: number,
  ): void {
    const ms = Math.round((this.#options.clock.monotonic() - started) * 1000) / 1000
    this.#options.logger.info(
      { requestId, operation: found?.route.name, status, code, ms },
      'huawei request',
    )
  }
}

/** 32 hexadecimal digits. Each is a namespace of its own, which exists from its first use. */
function requireProjectId(projectId: string): void {
  if (/^[0-9a-f]{32}$/.test(projectId)) return
  if (projectId === '') {
    throw notPermitted('No project is named: it takes a token of a project, or X-Project-Id')
  }
  throw new HuaweiError(
    400,
    'ELB.8902',
    `Invalid input for 'project_id': ${projectId}. It has 32 hexadecimal digits.`,
  )
}
