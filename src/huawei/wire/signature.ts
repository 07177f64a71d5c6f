/**
 * Verification of Huawei Cloud's AK/SK signature (`SDK-HMAC-SHA256`): rebuild what the client signed from the request as it came, sign it
 * with the secret of the access key that the request names, compare. There are two forms. Huawei's SDKs sign with the secret itself
 * (`Access=AK`; AKSKSigner of `@huaweicloud/huaweicloud-sdk-core`). The libraries that Terraform's providers are made of sign with a key that
 * is derived from it for a day, a region and a service (`Credential=AK/SCOPE`; `Sign` of golangsdk and gophertelekomcloud).
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { unauthenticated } from './errors.ts'
import { type HuaweiRequest, pathOf, queryOf } from './http.ts'

/** Finds the secret that a signature was made with. */
export interface AccessKeys {
  secretOf(accessKeyId: string): Promise<string | undefined>
}

/** How far the clocks of client and server may be apart. */
const maxSkewMs = 15 * 60_000

const algorithm = 'SDK-HMAC-SHA256'

export function isSigned({ headers }: HuaweiRequest): boolean {
  return headers.authorization?.startsWith(`${algorithm} `) ?? false
}

/** As the request has it; null when it names none. */
export function namedAccessKey({ headers }: HuaweiRequest): string | null {
  const form = /^SDK-HMAC-SHA256 (?:Access|Credential)=(\w+)[,/]/
  return form.exec(headers.authorization ?? '')?.[1] ?? null
}

/**
 * @param now milliseconds since the Unix epoch
 * @returns the access key's id
 * @throws HuaweiError 401
 */
export async function verifySignature(
  request: HuaweiRequest,
  keys: AccessKeys,
  now: number,
): Promise<string> {
  const { accessKeyId, scope, signedHeaders, signature } = credentialOf(request)
  const date = requireDate(request, signedHeaders, now)
  if (scope !== null && !date.startsWith(scope.date)) {
    throw unauthenticated(`the credential is of ${scope.date}, and X-Sdk-Date is ${date}`)
  }
  const secret = await keys.secretOf(accessKeyId)
  if (secret === undefined) throw unauthenticated('the access key of the signature does not exist')
  const canonical = canonicalRequest(request, signedHeaders)
  const parts = scope === null ? [] : [`${scope.date}/${scope.region}/${scope.service}/${ending}`]
  const stringToSign = [algorithm, date, ...parts, sha256(canonical)].join('\n')
  const expected = hmac(scope === null ? secret : derivedKey(secret, scope), stringToSign)
  if (!timingSafeEqual(expected, Buffer.from(signature, 'hex'))) {
    throw unauthenticated(`verify aksk signature fail, AK: ${accessKeyId}`)
  }
  return accessKeyId
}

/** What a derived key is good for. */
interface Scope {
  /** `20240620`. */
  readonly date: string
  /** Both may be empty. */
  readonly region: string
  readonly service: string
}

/** Of a scope's text. */
const ending = 'sdk_request'

function derivedKey(secret: string, { date, region, service }: Scope): Buffer {
  return hmac(hmac(hmac(hmac(`SDK${secret}`, date), region), service), ending)
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}

interface Credential {
  readonly accessKeyId: string
  /** null: the secret itself is the key. */
  readonly scope: Scope | null
  /** Lower case, in the order in which they were signed. */
  readonly signedHeaders: readonly string[]
  /** 64 hexadecimal digits. */
  readonly signature: string
}

const form =
  /^SDK-HMAC-SHA256 (?:Access=(?<plain>\w+)|Credential=(?<scoped>\w+)\/(?<date>\d{8})\/(?<region>[\w-]*)\/(?<service>[\w-]*)\/sdk_request), ?SignedHeaders=(?<names>[\w;-]+), ?Signature=(?<signature>[0-9a-f]{64})$/

function credentialOf({ headers }: HuaweiRequest): Credential {
  const { groups } = form.exec(headers.authorization ?? '') ?? {}
  if (groups === undefined) {
    throw unauthenticated(
      `the Authorization header must read '${algorithm} Access=…, SignedHeaders=…, Signature=…'`,
    )
  }
  const { plain, scoped = '', date = '', region = '', service = '' } = groups
  const { names = '', signature = '' } = groups
  const accessKeyId = plain ?? scoped
  const scope = plain === undefined ? { date, region, service } : null
  const signedHeaders = names.toLowerCase().split(';')
  for (const name of signedHeaders) {
    if (!Object.hasOwn(headers, name)) throw unauthenticated(`the signed header ${name} is missing`)
  }
  return { accessKeyId, scope, signedHeaders, signature }
}

/**
 * Without `host` and the date among the signed headers, a signature would be good for other servers, and for ever. The project need not be
 * signed: clients name it after they have signed (gophertelekomcloud, of which Terraform's provider is made), and a key is good for all.
 */
function requireDate(
  { headers }: HuaweiRequest,
  signedHeaders: readonly string[],
  now: number,
): string {
  for (const name of ['host', 'x-sdk-date']) {
    if (!signedHeaders.includes(name)) throw unauthenticated(`the header ${name} must be signed`)
  }
  const date = headers['x-sdk-date'] ?? ''
  if (!/^\d{8}T\d{6}Z$/.test(date)) {
    throw unauthenticated(`X-Sdk-Date '${date}' must look like 20240620T080000Z`)
  }
  const at = Date.parse(date.replace(/(....)(..)(..T..)(..)(..Z)/, '$1-$2-$3:$4:$5'))
  if (!(Math.abs(now - at) <= maxSkewMs)) {
    throw unauthenticated(`X-Sdk-Date ${date} is more than 15 minutes from the server's time`)
  }
  return date
}

function canonicalRequest(request: HuaweiRequest, signedHeaders: readonly string[]): string {
  const { method, headers } = request
  return [
    method,
    canonicalPath(pathOf(request)),
    canonicalQuery(request),
    signedHeaders.map((name) => `${name}:${headers[name]?.trim()}\n`).join(''),
    signedHeaders.join(';'),
    payloadHash(request),
  ].join('\n')
}

/** Each segment is escaped, and it always ends with a slash. */
function canonicalPath(path: string): string {
  const segments = path.split('/').map((segment) => percentEncode(decode(segment)))
  const escaped = segments.join('/')
  return escaped.endsWith('/') ? escaped : `${escaped}/`
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    throw unauthenticated(`'${segment}' is not a valid part of a path`)
  }
}

function canonicalQuery(request: HuaweiRequest): string {
  const names = [...queryOf(request)].sort(([a], [b]) => compare(a, b))
  return names
    .flatMap(([name, values]) =>
      [...values].sort(compare).map((value) => `${percentEncode(name)}=${percentEncode(value)}`),
    )
    .join('&')
}

function compare(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

/** All but the unreserved characters of RFC 3986, section 2.3. */
function percentEncode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

/** A hash that the client states has to be that of the body which came. */
function payloadHash({ headers, body }: HuaweiRequest): string {
  const hash = sha256(body)
  const stated = headers['x-sdk-content-sha256']
  if (stated !== undefined && stated !== hash) {
    throw unauthenticated("X-Sdk-Content-Sha256 is not the SHA-256 of the request's body")
  }
  return hash
}

function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex')
}
