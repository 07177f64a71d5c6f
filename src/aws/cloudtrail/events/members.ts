/** Input and output of calls as records have them: names as CloudTrail writes them, no secrets, a bounded size. */
import type { NormalizedSchema } from '@smithy/core/schema'
import type { Members } from '../../../trail/event.ts'
import type { Typed } from '../../wire/finished-call.ts'
import { isPrivateKey } from '../../wire/private-keys.ts'

/** CloudTrail User Guide, "CloudTrail record contents", requestParameters and responseElements. */
const maxBytes = 100 * 1024

/** In the place of a value that is secret. */
export const hidden = 'HIDDEN_DUE_TO_SECURITY_REASONS'

/** Secret whatever the model says of them, in lower case. */
const secretMembers = new Set([
  'authorizationtoken',
  'encprivatekey',
  'keymaterial',
  'passphrase',
  'password',
  'privatekey',
  'secretaccesskey',
  'secretstring',
  'securitytoken',
  'sessiontoken',
  'token',
  'userdata',
])

/** Null when there is nothing. What is too large is left out, and its size said. */
export function recordedMembers({ schema, value }: Typed): Members | null {
  if (schema.isUnitSchema()) return null
  return bounded(structure(schema, value as Members))
}

/** As {@link recordedMembers}, of JSON that no model describes. Names stay as they are. */
export function recordedJson(value: object, most = maxBytes): Members | null {
  return bounded(jsonMembers(value), most)
}

function bounded(members: Members, most = maxBytes): Members | null {
  if (Object.keys(members).length === 0) return null
  const originalSize = Buffer.byteLength(JSON.stringify(members))
  return originalSize > most ? { omitted: true, originalSize } : members
}

/** `LoadBalancerName` is `loadBalancerName`, `DNSName` is `dnsName` (guide, p. 108). */
export function recordedName(name: string): string {
  return name.replace(/^([A-Z]+)(?=[A-Z][a-z]|$)|^[A-Z]/, (start) => start.toLowerCase())
}

function structure(schema: NormalizedSchema, value: Members): Members {
  const members: [string, unknown][] = []
  for (const [name, member] of schema.structIterator()) {
    const child = value[name]
    if (child === undefined || child === null) continue
    const secret = isSecretName(name) || isSensitive(member)
    members.push([recordedName(name), secret ? hidden : recorded(member, child)])
  }
  return Object.fromEntries(members)
}

function recorded(schema: NormalizedSchema, value: unknown): unknown {
  if (isSensitive(schema)) return hidden
  if (schema.isStructSchema()) return structure(schema, value as Members)
  if (schema.isListSchema()) {
    const item = schema.getValueSchema()
    return (value as readonly unknown[]).map((each) => recorded(item, each))
  }
  if (schema.isMapSchema()) {
    const item = schema.getValueSchema()
    return Object.fromEntries(
      Object.entries(value as Members).map(([key, each]) => [
        withoutSecrets(key),
        isSecretName(key) ? hidden : recorded(item, each),
      ]),
    )
  }
  return scalar(value)
}

function jsonMembers(value: object): Members {
  return Object.fromEntries(
    Object.entries(value).map(([name, child]) => [
      withoutSecrets(name),
      // Keystone has the user who logs in under the name of the method.
      isSecretName(name) && !(name === 'password' && isObject(child)) ? hidden : jsonValue(child),
    ]),
  )
}

function jsonValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(jsonValue)
  return isObject(value) ? jsonMembers(value) : scalar(value)
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

function isSecretName(name: string): boolean {
  return secretMembers.has(name.toLowerCase().replaceAll('_', ''))
}

function scalar(value: unknown): unknown {
  if (value instanceof Date) return dateText(value)
  if (value instanceof Uint8Array) return blobText(value)
  return typeof value === 'string' ? withoutSecrets(value) : value
}

/** What somebody put into the wrong place is secret all the same. So are passwords in URLs. */
export function withoutSecrets(text: string): string {
  if (isPrivateKey(text)) return hidden
  return text.replaceAll(/(\w:\/\/[^\s/?#@:]*):[^\s/?#]+@/g, `$1:${hidden}@`)
}

function blobText(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString('utf8')
  const isText = !text.includes('\u{fffd}') && !text.includes('\0')
  return withoutSecrets(isText ? text : Buffer.from(bytes).toString('base64'))
}

const dates = new Intl.DateTimeFormat('en-US', {
  dateStyle: 'medium',
  timeStyle: 'medium',
  timeZone: 'UTC',
})

/** `Apr 1, 2016, 3:31:48 PM`: UTC. */
function dateText(date: Date): string {
  return dates.format(date).replaceAll('\u{202f}', ' ')
}

function isSensitive(schema: NormalizedSchema): boolean {
  return Boolean(schema.getMergedTraits().sensitive)
}
