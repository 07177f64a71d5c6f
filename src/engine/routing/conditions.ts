/** Conditions of rules, compiled to functions. */
import type { PathCondition, RequestCondition } from '../../snapshot/routing.ts'
import type { AddressSets } from '../access/address-sets.ts'
import { cookieValues, fieldValues } from '../stickiness/cookies.ts'
import type { Patterns } from './patterns.ts'
import type { RoutedRequest } from './routed-request.ts'
import { fitsWildcards } from './wildcards.ts'

export type Condition = (request: RoutedRequest) => boolean

export interface ConditionSurroundings {
  readonly addressSets: AddressSets
  readonly patterns: Patterns
}

export function conditionOf(
  spec: RequestCondition,
  surroundings: ConditionSurroundings,
): Condition {
  switch (spec.kind) {
    case 'host':
      return hostCondition(spec.values)
    case 'path':
      return pathCondition(spec, surroundings.patterns)
    case 'method': {
      const methods = new Set(spec.values)
      return ({ method }) => methods.has(method)
    }
    case 'header': {
      const name = spec.name.toLowerCase()
      return ({ head }) => anyFits(fieldValues(head, name), spec.values)
    }
    case 'cookie':
      return ({ head }) => anyFits(cookieValues(head, spec.name), spec.values)
    case 'query':
      return ({ query }) => anyFits(parameterValues(query, spec.name), spec.values)
    case 'source': {
      const set = surroundings.addressSets.of(spec.addresses)
      return ({ address }) => set.has(address)
    }
  }
}

function hostCondition(values: readonly string[]): Condition {
  const lower = values.map((value) => value.toLowerCase())
  const names = new Set(lower.filter((value) => !value.startsWith('*.')))
  const suffixes = lower.filter((value) => value.startsWith('*.')).map((value) => value.slice(1))
  return ({ host }) =>
    names.has(host) ||
    suffixes.some((suffix) => host.length > suffix.length && host.endsWith(suffix))
}

function pathCondition({ match, values }: PathCondition, patterns: Patterns): Condition {
  switch (match) {
    case 'exact': {
      const paths = new Set(values)
      return ({ path }) => paths.has(path)
    }
    case 'prefix':
      return ({ path }) => values.some((value) => path.startsWith(value))
    case 'regex': {
      const expressions = values.map((value) => patterns.of(value))
      return ({ path }) => expressions.some((expression) => expression.test(path))
    }
  }
}

function anyFits(values: readonly string[], patterns: readonly string[]): boolean {
  return values.some((value) => patterns.some((pattern) => fitsWildcards(value, pattern)))
}

/** Of the parameters called so, decoded as forms are (WHATWG URL, section 5.1). */
function parameterValues(query: string, name: string): readonly string[] {
  return query === '' ? [] : new URLSearchParams(query).getAll(name)
}
