/**
 * From a parsed document, of JSON or CBOR, to the input of an operation, led by the operation's schema: only members that the schema has are
 * looked up, and each value is of the type that the schema says. What a client sends beside them is passed over, as AWS does.
 */
import type { NormalizedSchema } from '@smithy/core/schema'
import { ApiError, validationError } from './errors.ts'
import { requiredCount } from './model.ts'

/** @throws ApiError `MalformedInput` for values of another type than the schema's, ValidationError for required members that are missing */
export function decodeDocument(schema: NormalizedSchema, value: unknown): Record<string, unknown> {
  const missing: string[] = []
  if (!isObject(value)) throw wrongType('', 'object')
  const input = schema.isUnitSchema() ? {} : decodeStructure(schema, value, '', missing)
  if (missing.length > 0) throw nullMembers(missing)
  return input
}

type Members = Readonly<Record<string, unknown>>

/** @param missing gets the places of required members that are not there: everything that is missing is told at once. */
function decodeStructure(
  schema: NormalizedSchema,
  value: Members,
  at: string,
  missing: string[],
): Record<string, unknown> {
  const members: [string, unknown][] = []
  let required = requiredCount(schema)
  for (const [name, member] of schema.structIterator()) {
    const place = inside(at, lowerFirst(name))
    const child = Object.hasOwn(value, name) ? value[name] : undefined
    if (child !== undefined && child !== null) {
      members.push([name, decodeValue(member, child, place, missing)])
    } else if (required > 0) missing.push(place)
    required -= 1
  }
  return Object.fromEntries(members)
}

function decodeValue(
  schema: NormalizedSchema,
  value: unknown,
  at: string,
  missing: string[],
): unknown {
  if (schema.isStructSchema()) {
    if (!isObject(value)) throw wrongType(at, 'object')
    return decodeStructure(schema, value, at, missing)
  }
  if (schema.isListSchema()) {
    if (!Array.isArray(value)) throw wrongType(at, 'list')
    const item = schema.getValueSchema()
    return value.map((each, index) =>
      decodeValue(item, each, inside(at, `${index + 1}.member`), missing),
    )
  }
  if (schema.isMapSchema()) {
    if (!isObject(value)) throw wrongType(at, 'object')
    const item = schema.getValueSchema()
    const entries = Object.entries(value).map(([key, each]): [string, unknown] => [
      key,
      decodeValue(item, each, inside(at, key), missing),
    ])
    return Object.fromEntries(entries)
  }
  return decodeScalar(schema, value, at)
}

function decodeScalar(schema: NormalizedSchema, value: unknown, at: string): unknown {
  if (schema.isNumericSchema()) {
    if (typeof value === 'number') return value
    throw wrongType(at, 'number')
  }
  if (schema.isBooleanSchema()) {
    if (typeof value === 'boolean') return value
    throw wrongType(at, 'boolean')
  }
  if (schema.isTimestampSchema()) return timestamp(value, at)
  if (schema.isBlobSchema() && value instanceof Uint8Array) return value
  if (typeof value !== 'string') throw wrongType(at, 'string')
  return schema.isBlobSchema() ? base64(value, at) : value
}

/** JSON has seconds since the epoch; the CLI sends ISO 8601 for some. CBOR has a type for it. */
function timestamp(value: unknown, at: string): Date {
  const date = typeof value === 'number' ? new Date(value * 1000) : new Date(value as string | Date)
  if (Number.isNaN(date.getTime())) throw wrongType(at, 'timestamp')
  return date
}

function base64(text: string, at: string): Uint8Array {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) throw wrongType(at, 'base64')
  return new Uint8Array(Buffer.from(text, 'base64'))
}

/** Without the value, which may be secret. */
function wrongType(at: string, expected: string): ApiError {
  return new ApiError('MalformedInput', `${at === '' ? 'The request' : at} is no ${expected}`)
}

/** `1 validation error detected: Value at 'certificate' failed to satisfy constraint: Member must not be null` */
function nullMembers(places: readonly string[]): ApiError {
  const errors = places.length === 1 ? 'error' : 'errors'
  const each = places.map(
    (place) => `Value at '${place}' failed to satisfy constraint: Member must not be null`,
  )
  return validationError(`${places.length} validation ${errors} detected: ${each.join('; ')}`)
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function inside(at: string, name: string): string {
  return at === '' ? name : `${at}.${name}`
}

function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1)
}
