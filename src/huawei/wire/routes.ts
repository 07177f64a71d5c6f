/** What an API consists of: routes, each with a path, the form of what it takes, and what it does. */
import type { z } from 'zod'
import type { Clock } from '../../std/clock.ts'
import type { Store } from '../../store/store.ts'
import { type HuaweiError, invalidInput } from './errors.ts'
import type { Query } from './http.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

/** Who asks, of what, and when. */
export interface Call {
  /** Of the path, or of a scoped route's caller; otherwise empty. */
  readonly projectId: string
  readonly store: Store
  readonly clock: Clock
  /** As the client reaches this server, e.g. `http://127.0.0.1:4566`. */
  readonly baseUrl: string
  readonly headers: Readonly<Record<string, string>>
}

export interface Input<Body> {
  /** Of the path, by name. */
  readonly params: Readonly<Record<string, string>>
  readonly query: Query
  readonly body: Body
}

export interface Answer {
  readonly status: number
  /** null: none. */
  readonly body: object | null
  readonly headers?: Readonly<Record<string, string>>
  /** Of who has shown by the call itself who they are. */
  readonly accessKeyId?: string | null
}

export interface Route<Body = unknown> {
  readonly method: Method
  /** e.g. `/v3/{project_id}/elb/listeners/{listener_id}`. */
  readonly path: string
  /** As the API reference names the operation. */
  readonly name: string
  /** The status of its answer. */
  readonly status: number
  /** Absent: a body is not looked at. */
  readonly body?: z.ZodType<Body>
  /** What `run` answers with, without what the API adds to all of its answers; absent: nothing, or it is not described. */
  readonly answer?: z.ZodObject | undefined
  /** Header fields that the answer has beside those of all answers. */
  readonly answerFields?: readonly string[]
  /** The names of query parameters; any other is refused. */
  readonly query?: readonly string[]
  /** Anybody may ask. */
  readonly open?: true
  /** It works on the project that the caller's token is for, or, without a token, that `X-Project-Id` names. */
  readonly scoped?: true
  run(input: Input<Body>, call: Call): Promise<Answer>
}

/** Routes that answer in one form. */
export interface Api {
  /** As records of calls name it, e.g. `elb`. */
  readonly name: string
  readonly routes: readonly Route[]
  /** Absent: the error's own. */
  statusOf?(error: HuaweiError): number
  encodeError(error: HuaweiError, requestId: string): object
  /** The body of an answer that is no error. */
  encode(body: object, requestId: string): object
}

/** One whose answers have forms that are told. */
export interface DescribedApi extends Api {
  /** What `encode` adds. */
  readonly added: z.ZodRawShape
  /** What `encodeError` makes. */
  readonly error: z.ZodObject
}

/** A route whose body has a known type. */
export function route<Body>(description: Route<Body>): Route {
  return description as Route
}

/** @throws HuaweiError ELB.8902 that names the parameter */
export function checkQuery(query: Query, known: readonly string[]): void {
  for (const name of query.keys()) {
    if (!known.includes(name)) throw invalidInput(`The query parameter '${name}' is not supported`)
  }
}

/** Finds routes by method and path. */
export class Router {
  readonly #routes: readonly {
    readonly api: Api
    readonly route: Route
    readonly parts: string[]
  }[]

  constructor(apis: readonly Api[]) {
    this.#routes = apis.flatMap((api) =>
      api.routes.map((route) => ({ api, route, parts: route.path.split('/') })),
    )
  }

  /** Routes with fewer parameters go first: `/certificates/settings` is no certificate's id. */
  find(method: string, path: string): Found | undefined {
    const parts = path.replace(/\/$/, '').split('/')
    const found = this.#routes.flatMap(({ api, route, parts: wanted }) => {
      const params = route.method === method ? match(wanted, parts) : undefined
      return params === undefined ? [] : [{ api, route, params }]
    })
    return found.sort((a, b) => size(a.params) - size(b.params))[0]
  }
}

export interface Found {
  readonly api: Api
  readonly route: Route
  readonly params: Readonly<Record<string, string>>
}

function size(params: object): number {
  return Object.keys(params).length
}

function match(
  wanted: readonly string[],
  parts: readonly string[],
): Record<string, string> | undefined {
  if (wanted.length !== parts.length) return undefined
  const params: [string, string][] = []
  for (const [index, part] of wanted.entries()) {
    const given = parts[index] ?? ''
    const [, name] = /^\{(\w+)\}$/.exec(part) ?? []
    if (name === undefined && part !== given) return undefined
    if (name !== undefined && given === '') return undefined
    if (name !== undefined) params.push([name, given])
  }
  return Object.fromEntries(params)
}
