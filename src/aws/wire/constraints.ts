/**
 * Constraints that the API's model puts on single members, with the messages that AWS generates for them. All violations of a
 * request are told at once:
 * `2 validation errors detected: Value '0' at 'listeners.1.member.instancePort' failed to satisfy constraint: Member must …; …`
 */
import { validationError } from './errors.ts'

/** Says what the member must be, when the value is not that. */
export type Constraint<T> = (value: T) => string | undefined

export interface Violation {
  /** Path in the model's spelling: camel case, list members counted from 1, e.g. `tags.1.member.key`. */
  readonly path: string
  /** Absent: a secret, which is not repeated. */
  readonly value?: unknown
  readonly rule: string
}

/** Violations of one member. That required members are there is known: the wire layer has decoded them. */
export function check<T>(
  path: string,
  value: T | undefined,
  ...constraints: Constraint<T>[]
): Violation[] {
  if (value === undefined) return []
  return constraints.flatMap((constraint) => {
    const rule = constraint(value)
    return rule === undefined ? [] : [{ path, value, rule }]
  })
}

/** As {@link check}, of a member that the model marks as sensitive. */
export function checkSecret(
  path: string,
  value: string | undefined,
  ...constraints: Constraint<string>[]
): Violation[] {
  return check(path, value, ...constraints).map(({ rule }) => ({ path, rule }))
}

export function atLeast(min: number): Constraint<number> {
  return (value) =>
    value >= min ? undefined : `Member must have value greater than or equal to ${min}`
}

export function atMost(max: number): Constraint<number> {
  return (value) =>
    value <= max ? undefined : `Member must have value less than or equal to ${max}`
}

type Sized = string | readonly unknown[]

export function minLength(min: number): Constraint<Sized> {
  return (value) =>
    size(value) >= min ? undefined : `Member must have length greater than or equal to ${min}`
}

export function maxLength(max: number): Constraint<Sized> {
  return (value) =>
    size(value) <= max ? undefined : `Member must have length less than or equal to ${max}`
}

export function pattern(expression: RegExp): Constraint<string> {
  return (value) =>
    expression.test(value)
      ? undefined
      : `Member must satisfy regular expression pattern: ${expression.source}`
}

/** @throws ApiError ValidationError when there is any violation. */
export function reject(violations: readonly Violation[]): void {
  if (violations.length === 0) return
  const count =
    violations.length === 1 ? '1 validation error' : `${violations.length} validation errors`
  const texts = violations.map(
    (violation) =>
      `Value ${shown(violation)}at '${violation.path}' failed to satisfy constraint: ${violation.rule}`,
  )
  throw validationError(`${count} detected: ${texts.join('; ')}`)
}

/** In Unicode characters, as the guide counts them. */
function size(value: Sized): number {
  return typeof value === 'string' ? [...value].length : value.length
}

function shown(violation: Violation): string {
  if (!('value' in violation)) return ''
  const { value } = violation
  return Array.isArray(value) ? `'[${value.join(', ')}]' ` : `'${String(value)}' `
}
