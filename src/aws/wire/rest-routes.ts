/**
 * Operations by method, path and query, as the schemas' `http` traits have them (https://smithy.io/2.0/spec/http-bindings.html): of the
 * operations that fit a request, the one that asks for the most is meant.
 */
import type { NormalizedSchema } from '@smithy/core/schema'
import { type OperationModel, operationModel, requiredCount } from './model.ts'

export interface RestOperation extends OperationModel {
  /** Of the answer of success. */
  readonly status: number
}

export interface RestRequest {
  readonly method: string
  /** Names of the labels that the path has, e.g. `Bucket` and `Key`. */
  readonly labels: readonly string[]
  readonly query: ReadonlyMap<string, string>
  readonly headers: Readonly<Record<string, string>>
}

interface Route {
  readonly operation: RestOperation
  readonly method: string
  readonly labels: readonly string[]
  readonly query: readonly Literal[]
  readonly headers: readonly string[]
}

/** A query parameter that has to be there; with any value if that is null. */
interface Literal {
  readonly name: string
  readonly value: string | null
}

export class RestRoutes {
  readonly #routes: readonly Route[]

  /** @param schemas what the client package exports */
  constructor(schemas: Readonly<Record<string, unknown>>) {
    this.#routes = Object.keys(schemas)
      .filter((name) => name.endsWith('$'))
      .sort()
      .flatMap((name) => routeOf(schemas, name.slice(0, -1)) ?? [])
      .sort((a, b) => demands(b) - demands(a))
  }

  find(request: RestRequest): RestOperation | undefined {
    return this.#routes.find((route) => fits(route, request))?.operation
  }
}

function demands({ query, headers }: Route): number {
  return query.length + headers.length
}

function fits({ method, labels, query, headers }: Route, request: RestRequest): boolean {
  return (
    method === request.method &&
    labels.length === request.labels.length &&
    labels.every((label) => request.labels.includes(label)) &&
    headers.every((name) => Object.hasOwn(request.headers, name)) &&
    query.every(({ name, value }) => {
      const sent = request.query.get(name)
      return sent !== undefined && (value === null || sent === value)
    })
  )
}

/** Undefined for what is no operation, and for those whose path is no label. */
function routeOf(schemas: Readonly<Record<string, unknown>>, name: string): Route | undefined {
  const model = operationModel(schemas, name)
  if (model === undefined) return undefined
  const [, , , traits] = schemas[`${name}$`] as [number, string, string, { http: Http }]
  const [method, pattern, status] = traits.http
  const [path, literals = ''] = pattern.split('?')
  if (path !== '/' && path !== '/{Key+}') return undefined
  const required = requiredMembers(model.input)
  const bound = (trait: string) =>
    required.flatMap(
      ([, member]) => (member.getMergedTraits()[trait as 'httpQuery'] as string) ?? [],
    )
  return {
    operation: { ...model, status },
    method,
    labels: required.flatMap(([label, member]) =>
      member.getMergedTraits().httpLabel ? [label] : [],
    ),
    query: [
      ...parseLiterals(literals),
      ...bound('httpQuery').map((parameter) => ({ name: parameter, value: null })),
    ],
    headers: bound('httpHeader').map((header) => header.toLowerCase()),
  }
}

type Http = readonly [method: string, pattern: string, status: number]

function requiredMembers(input: NormalizedSchema): [string, NormalizedSchema][] {
  if (input.isUnitSchema()) return []
  return [...input.structIterator()].slice(0, requiredCount(input))
}

/** `x-id` only tells people what is asked for: clients need not send it. */
function parseLiterals(query: string): Literal[] {
  const pairs = [...new URLSearchParams(query)].filter(([name]) => name !== 'x-id')
  return pairs.map(([name, value]) => ({ name, value: value || null }))
}
