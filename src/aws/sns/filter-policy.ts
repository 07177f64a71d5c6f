/**
 * Filter policies of subscriptions, on message attributes: which notifications a subscription gets. For each key of the policy the message
 * needs an attribute of that name with a value that one of the key's rules matches ("Amazon SNS subscription filter policies").
 */
import type { MessageAttribute } from './queue-records.ts'

export type FilterPolicy = Readonly<Record<string, readonly Rule[]>>

type Scalar = string | number | boolean | null

export type Rule =
  | Scalar
  | { readonly prefix: string }
  | { readonly suffix: string }
  | { readonly 'equals-ignore-case': string }
  | { readonly 'anything-but': Exception }
  | { readonly exists: boolean }
  /** Comparisons and what they compare with, in turn: `['>', 0, '<=', 150]`. */
  | { readonly numeric: readonly (string | number)[] }

export type Exception =
  | string
  | number
  | readonly (string | number)[]
  | { readonly prefix: string }
  | { readonly suffix: string }

export const comparisons = {
  '=': (value: number, bound: number) => value === bound,
  '<': (value: number, bound: number) => value < bound,
  '<=': (value: number, bound: number) => value <= bound,
  '>': (value: number, bound: number) => value > bound,
  '>=': (value: number, bound: number) => value >= bound,
} as const

export function matches(
  policy: FilterPolicy,
  attributes: Readonly<Record<string, MessageAttribute>>,
): boolean {
  return Object.entries(policy).every(([name, rules]) => {
    const attribute = Object.hasOwn(attributes, name) ? attributes[name] : undefined
    return rules.some((rule) => ruleMatches(rule, attribute))
  })
}

function ruleMatches(rule: Rule, attribute: MessageAttribute | undefined): boolean {
  if (typeof rule === 'object' && rule !== null && 'exists' in rule) {
    return rule.exists === (attribute !== undefined)
  }
  if (attribute === undefined) return false
  return valuesOf(attribute).some((value) => valueMatches(rule, value))
}

/** Binary attributes have no value that a policy could name. */
function valuesOf({ type, value }: MessageAttribute): Scalar[] {
  const [kind] = type.split('.', 1)
  if (type.startsWith('String.Array')) return JSON.parse(value) as Scalar[]
  if (kind === 'String') return [value]
  return kind === 'Number' ? [Number(value)] : []
}

function valueMatches(rule: Exclude<Rule, { exists: boolean }>, value: Scalar): boolean {
  if (typeof rule !== 'object' || rule === null) return rule === value
  if ('numeric' in rule) return isWithin(rule.numeric, value)
  if ('anything-but' in rule) return !isExcepted(rule['anything-but'], value)
  if (typeof value !== 'string') return false
  if ('prefix' in rule) return value.startsWith(rule.prefix)
  if ('suffix' in rule) return value.endsWith(rule.suffix)
  return value.toLowerCase() === rule['equals-ignore-case'].toLowerCase()
}

function isExcepted(exception: Exception, value: Scalar): boolean {
  if (typeof exception !== 'object') return exception === value
  if ('prefix' in exception) return typeof value === 'string' && value.startsWith(exception.prefix)
  if ('suffix' in exception) return typeof value === 'string' && value.endsWith(exception.suffix)
  return exception.some((each) => each === value)
}

function isWithin(bounds: readonly (string | number)[], value: Scalar): boolean {
  if (typeof value !== 'number') return false
  return bounds.every((each, index) => {
    if (typeof each === 'number') return true
    return comparisons[each as keyof typeof comparisons](value, Number(bounds[index + 1]))
  })
}
