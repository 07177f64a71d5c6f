/**
 * What Octavia's rules compare, in the words of the ELB API, and back. Where that has no comparison of the name, a pattern says the same: of
 * headers and cookies with wildcards (`*text*` contains it), of paths a regular expression. The group `(?:text)` tells what was meant.
 */
import { conditionsOf } from '../elb/l7-rules/l7-rules.ts'
import type { L7RuleRecord } from '../elb/records.ts'
import { invalidInput } from '../wire/errors.ts'

export const ruleTypes = ['HOST_NAME', 'PATH', 'FILE_TYPE', 'HEADER', 'COOKIE'] as const
export const compareTypes = ['EQUAL_TO', 'STARTS_WITH', 'ENDS_WITH', 'CONTAINS', 'REGEX'] as const

type CompareType = (typeof compareTypes)[number]

export interface Comparison {
  readonly type: (typeof ruleTypes)[number]
  readonly compare_type: CompareType
  /** Of a header or a cookie. */
  readonly key: string | null
  readonly value: string
}

type HuaweiComparison = Pick<L7RuleRecord, 'type' | 'compare_type' | 'key' | 'value'>

/** @throws HuaweiError ELB.8902 for what cannot be compared so */
export function asHuawei(comparison: Comparison): HuaweiComparison {
  const { type, key } = comparison
  const isNamed = type === 'HEADER' || type === 'COOKIE'
  if (!isNamed && key !== null) throw invalidInput(`Rules of type ${type} have no 'key'`)
  if (isNamed && !key) throw invalidInput(`Attribute 'key' is required with ${type}`)
  switch (type) {
    case 'HOST_NAME':
      return { type, compare_type: 'EQUAL_TO', key, value: hostPattern(comparison) }
    case 'PATH':
      return { type, key, ...pathComparison(comparison) }
    case 'FILE_TYPE':
      if (comparison.compare_type !== 'EQUAL_TO') throw cannotCompare(comparison)
      return {
        type: 'PATH',
        key,
        compare_type: 'REGEX',
        value: `\\.(?:${escaped(comparison.value)})$`,
      }
    default:
      return { type, compare_type: 'EQUAL_TO', key, value: wildcards(comparison) }
  }
}

function hostPattern(comparison: Comparison): string {
  const { compare_type, value } = comparison
  if (compare_type === 'ENDS_WITH' && value.startsWith('.')) return `*${literal(value)}`
  if (compare_type === 'EQUAL_TO') return literal(value)
  throw cannotCompare(comparison)
}

function pathComparison({
  compare_type,
  value,
}: Comparison): Pick<HuaweiComparison, 'compare_type' | 'value'> {
  switch (compare_type) {
    case 'ENDS_WITH':
      return { compare_type: 'REGEX', value: `(?:${escaped(value)})$` }
    case 'CONTAINS':
      return { compare_type: 'REGEX', value: `(?:${escaped(value)})` }
    default:
      return { compare_type, value }
  }
}

function wildcards(comparison: Comparison): string {
  const text = literal(comparison.value)
  switch (comparison.compare_type) {
    case 'EQUAL_TO':
      return text
    case 'STARTS_WITH':
      return `${text}*`
    case 'ENDS_WITH':
      return `*${text}`
    case 'CONTAINS':
      return `*${text}*`
    case 'REGEX':
      throw cannotCompare(comparison)
  }
}

function literal(value: string): string {
  if (!/[*?]/.test(value)) return value
  throw invalidInput(
    `Invalid input for 'value': '${value}'. It has no asterisks and question marks.`,
  )
}

function cannotCompare({ type, compare_type, value }: Comparison): Error {
  const those = {
    HOST_NAME: 'EQUAL_TO, and ENDS_WITH with a value that begins with a dot',
    PATH: compareTypes.join(', '),
    FILE_TYPE: 'EQUAL_TO',
    HEADER: 'EQUAL_TO, STARTS_WITH, ENDS_WITH and CONTAINS',
    COOKIE: 'EQUAL_TO, STARTS_WITH, ENDS_WITH and CONTAINS',
  }
  return invalidInput(
    `Invalid input for 'compare_type': ${compare_type} with value '${value}'. With ${type} there is ${those[type]}.`,
  )
}

const special = /[\\^$.*+?()[\]{}|]/g

function escaped(text: string): string {
  return text.replace(special, '\\$&')
}

/** What was {@link escaped}; undefined: it is a pattern. */
function unescaped(pattern: string): string | undefined {
  const text = pattern.replace(/\\([\\^$.*+?()[\]{}|])/g, '$1')
  return escaped(text) === pattern ? text : undefined
}

/** As Octavia shows a rule; of those that only the ELB API makes, what it has in its own words. */
export function comparisonOf(record: L7RuleRecord) {
  const { type, compare_type } = record
  const conditions = conditionsOf(record)
  const key = conditions[0]?.key ?? null
  const value = conditions.map((each) => each.value).join(', ')
  if (type === 'PATH' && compare_type === 'REGEX') return { key, ...pathMeant(value) }
  if (type === 'HOST_NAME' && value.startsWith('*.')) {
    return { type, key, compare_type: 'ENDS_WITH', value: value.slice(1) }
  }
  if (type === 'HEADER' || type === 'COOKIE') return { type, key, ...wildcardsMeant(value) }
  return { type, compare_type, key, value }
}

/** @throws HuaweiError ELB.8902 for a rule that Octavia has no words for, which a change would not keep */
export function checkComparable(record: L7RuleRecord): void {
  const { id, type } = record
  const conditions = conditionsOf(record).length
  const refuse = (why: string) =>
    invalidInput(`Only the ELB API can change what rule ${id} compares: ${why}`)
  if (!ruleTypes.some((each) => each === type)) throw refuse(`its type is ${type}`)
  if (conditions > 1) throw refuse(`it has ${conditions} conditions`)
}

function pathMeant(pattern: string) {
  const [, dot, inner = '', end] = /^(\\\.)?\(\?:(.*)\)(\$)?$/.exec(pattern) ?? []
  const text = unescaped(inner)
  if (text !== undefined && text !== '') {
    if (dot && end) return { type: 'FILE_TYPE', compare_type: 'EQUAL_TO', value: text }
    if (!dot) return { type: 'PATH', compare_type: end ? 'ENDS_WITH' : 'CONTAINS', value: text }
  }
  return { type: 'PATH', compare_type: 'REGEX', value: pattern }
}

function wildcardsMeant(pattern: string) {
  const [, start, text = '', end] = /^(\*)?([^*?]+)(\*)?$/.exec(pattern) ?? []
  if (start && end) return { compare_type: 'CONTAINS', value: text }
  if (start) return { compare_type: 'ENDS_WITH', value: text }
  return end
    ? { compare_type: 'STARTS_WITH', value: text }
    : { compare_type: 'EQUAL_TO', value: pattern }
}
