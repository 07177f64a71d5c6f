/** Texts of the query protocols as values of the model. Each reader answers undefined for a text that is no such value. */
import type { NormalizedSchema } from '@smithy/core/schema'

/** `kind` names what was expected, for the error's text. */
export interface Scalar {
  readonly kind: 'string' | 'integer' | 'number' | 'boolean' | 'timestamp' | 'base64'
  readonly value: string | number | boolean | Date | Uint8Array | undefined
}

/** @param fraction whether a number may have one: the schemas do not tell */
export function readScalar(schema: NormalizedSchema, text: string, fraction: boolean): Scalar {
  if (schema.isNumericSchema()) {
    return fraction
      ? { kind: 'number', value: number(text) }
      : { kind: 'integer', value: integer(text) }
  }
  if (schema.isBooleanSchema()) return { kind: 'boolean', value: boolean(text) }
  if (schema.isTimestampSchema()) return { kind: 'timestamp', value: timestamp(schema, text) }
  if (schema.isBlobSchema()) return { kind: 'base64', value: base64(text) }
  if (schema.isStringSchema()) return { kind: 'string', value: text }
  throw new Error(`cannot read a parameter of schema ${schema.getName(true)}`)
}

function integer(text: string): number | undefined {
  const value = /^[+-]?\d{1,19}$/.test(text) ? Number(text) : Number.NaN
  // `+ 0` makes 0 of -0.
  return Number.isSafeInteger(value) ? value + 0 : undefined
}

function number(text: string): number | undefined {
  const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN
  return Number.isFinite(value) ? value + 0 : undefined
}

function boolean(text: string): boolean | undefined {
  const lower = text.toLowerCase()
  if (lower === 'true') return true
  return lower === 'false' ? false : undefined
}

/** Schemas of timestamps: 5 date-time, 6 HTTP date, 7 seconds since the epoch; 4 leaves it to the protocol: date-time. */
const httpDate = 6
const epochSeconds = 7

function timestamp(schema: NormalizedSchema, text: string): Date | undefined {
  switch (schema.getSchema()) {
    case epochSeconds:
      return /^-?\d{1,12}(\.\d+)?$/.test(text) ? valid(Number(text) * 1000) : undefined
    case httpDate:
      return /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d(\.\d+)? GMT$/.test(text)
        ? valid(Date.parse(text))
        : undefined
    default:
      return dateTime(text)
  }
}

/** ISO 8601; a time without an offset is UTC. */
function dateTime(text: string): Date | undefined {
  const match = /^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d)(:\d\d(?:\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)?)?$/.exec(
    text,
  )
  if (match === null) return undefined
  const [, day, minutes = '00:00', seconds = ':00', offset = 'Z'] = match
  return valid(Date.parse(`${day}T${minutes}${seconds}${offset}`))
}

function valid(epochMs: number): Date | undefined {
  const date = new Date(Math.round(epochMs))
  return Number.isNaN(date.getTime()) ? undefined : date
}

function base64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined
  return new Uint8Array(Buffer.from(text, 'base64'))
}
