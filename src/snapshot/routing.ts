import type { Stickiness } from './stickiness.ts'

/** Rules by which an HTTP listener sends some requests elsewhere than to its own pool, or answers them itself. */

/** Applies to a request that meets all conditions. Of a listener's rules, the first one that applies decides. */
export interface RoutingRule {
  readonly id: string
  /** None: every request. */
  readonly conditions: readonly RequestCondition[]
  readonly action: RoutingAction
}

/** Any of several values will do. */
export type RequestCondition =
  /** The host that the client asks for, without port, in any case of letters; `*.example.com` is for all names below. */
  | { readonly kind: 'host'; readonly values: readonly string[] }
  | PathCondition
  | { readonly kind: 'method'; readonly values: readonly string[] }
  /** A field of that name has a value that one of the patterns is for. */
  | { readonly kind: 'header'; readonly name: string; readonly values: readonly string[] }
  /** As `header`, of the query's parameters. */
  | { readonly kind: 'query'; readonly name: string; readonly values: readonly string[] }
  /** As `header`, of the cookies. */
  | { readonly kind: 'cookie'; readonly name: string; readonly values: readonly string[] }
  /** The client's address: IP literals and CIDR blocks. */
  | { readonly kind: 'source'; readonly addresses: readonly string[] }

/** The path as it came, without the query. */
export interface PathCondition {
  readonly kind: 'path'
  /** `regex`: RE2's syntax, found anywhere in the path: anchors say where. */
  readonly match: 'exact' | 'prefix' | 'regex'
  readonly values: readonly string[]
}

export type RoutingAction =
  /** To one of the pools, by their weights. */
  | { readonly kind: 'forward'; readonly pools: readonly WeightedPool[] }
  | RedirectAction
  | AnswerAction

export interface WeightedPool {
  /** {@link Pool.id} */
  readonly pool: string
  /** 0: none, unless all have 0. */
  readonly weight: number
  /** Absent: each request goes where the pool's algorithm sends it. */
  readonly stickiness?: Stickiness
}

/**
 * The client is sent to `protocol://host:port/path?query`, the usual port left out. In each part, `${protocol}`, `${host}`, `${port}`,
 * `${path}` and `${query}` stand for what the request came with.
 */
export interface RedirectAction {
  readonly kind: 'redirect'
  readonly status: 301 | 302 | 303 | 307 | 308
  readonly protocol: string
  readonly host: string
  readonly port: string
  /** Begins with a slash, or with `${path}`, which does; or is empty. */
  readonly path: string
  /** Without a question mark; empty for none. */
  readonly query: string
}

export interface AnswerAction {
  readonly kind: 'answer'
  /** 200–299, 400–599. */
  readonly status: number
  readonly contentType: string
  readonly body: string
}
