/** The keys of a load balancer's additional attributes: AWS's own, and Weir's, which are off until they are set. */
import { attributeNotFound, invalidConfiguration } from './errors.ts'
import type { AttributesRecord } from './records.ts'

export const desyncMode = 'elb.http.desyncmitigationmode'
/** Requests (HTTP) or connections (TCP) that one instance is given at once; the next ones wait in the surge queue. 0: no bound. */
export const maxConnectionsPerInstance = 'weir.maxConnectionsPerInstance'
/** Seconds over which an instance that comes into service is given its growing share of requests. 0: all of it at once. */
export const slowStartSeconds = 'weir.slowStartSeconds'
/** Connections that a proxy keeps waiting at each instance of HTTP listeners, ahead of requests. 0: none. */
export const spareConnectionsPerInstance = 'weir.spareConnectionsPerInstance'
/** Whether HTTPS listeners offer HTTP/2 to their clients. */
export const http2 = 'weir.http2'

/** Whether access log entries are JSON lines rather than the guide's fields. */
export const accessLogJson = 'weir.accessLogJson'

interface Rule {
  accepts(value: string): boolean
  /** What the value has to be, for the message that refuses it. */
  readonly words: string
}

const rules: ReadonlyMap<string, Rule> = new Map([
  [desyncMode, oneOf('monitor', 'defensive', 'strictest')],
  [maxConnectionsPerInstance, upTo(1_000_000)],
  // As of AWS's target groups: up to 15 minutes.
  [slowStartSeconds, upTo(900)],
  [spareConnectionsPerInstance, upTo(100)],
  [http2, oneOf('true', 'false')],
  [accessLogJson, oneOf('true', 'false')],
])

/** @throws ApiError when the key is unknown, or the value is not for it */
export function checkAdditional(key: string, value: string): void {
  const rule = rules.get(key)
  if (rule === undefined) throw attributeNotFound(key)
  if (rule.accepts(value)) return
  throw invalidConfiguration(`Value '${value}' of attribute ${key} must be ${rule.words}`)
}

/** The value of a numeric attribute; null when it is off. */
export function attributeNumber({ additional }: AttributesRecord, wanted: string): number | null {
  const value = additional.find(({ key }) => key === wanted)?.value
  return Number(value ?? 0) || null
}

/** The value of an attribute that is on or off. */
export function attributeFlag({ additional }: AttributesRecord, wanted: string): boolean {
  return additional.some(({ key, value }) => key === wanted && value === 'true')
}

function oneOf(...values: readonly string[]): Rule {
  return {
    accepts: (value) => values.includes(value),
    words: `one of ${values.join(', ')}`,
  }
}

function upTo(most: number): Rule {
  return {
    accepts: (value) => /^(0|[1-9]\d{0,8})$/.test(value) && Number(value) <= most,
    words: `a whole number from 0 to ${most}`,
  }
}
