/** What a request says about its signature, read and not yet verified: the header form and the presigned query form of SigV4. */
import { ApiError } from './errors.ts'
import { type Parameter, parseForm } from './form.ts'
import type { AwsRequest } from './protocol.ts'

export interface Scope {
  /** `YYYYMMDD`. */
  readonly date: string
  readonly region: string
  readonly service: string
}

export interface Credential {
  readonly form: 'header' | 'query'
  readonly accessKeyId: string
  readonly scope: Scope
  /** `YYYYMMDDTHHMMSSZ`. */
  readonly timestamp: string
  /** Seconds that a presigned URL is valid; null in the header form. */
  readonly expires: number | null
  /** Lower-case names, sorted. */
  readonly signedHeaders: readonly string[]
  /** Hexadecimal. */
  readonly signature: string
  readonly sessionToken: string | null
}

const algorithm = 'AWS4-HMAC-SHA256'

/** AWS accepts presigned URLs of at most a week. */
const maxExpiresSeconds = 604_800

/**
 * @returns null when the request is not signed.
 * @throws ApiError `IncompleteSignature` when it is signed badly or in two ways.
 */
export function readCredential(request: AwsRequest): Credential | null {
  const query = new Map(queryOf(request))
  const presigned = query.has('X-Amz-Algorithm') || query.has('X-Amz-Signature')
  const { authorization } = request.headers
  if (authorization !== undefined && presigned) {
    throw incomplete('The request is signed both in the Authorization header and in its query')
  }
  if (presigned) return fromQuery(query)
  return authorization === undefined ? null : fromHeader(authorization, request.headers)
}

/** The service in the scope of a request's signature, which is not looked at otherwise; null when it has none. */
export function signedService({
  url = '',
  headers,
}: {
  readonly url?: string | undefined
  readonly headers: { readonly authorization?: string | undefined }
}): string | null {
  const query = new URLSearchParams(url.split('?')[1])
  const credential = headers.authorization ?? query.get('X-Amz-Credential') ?? ''
  return /\/([^/]+)\/aws4_request/.exec(credential)?.[1] ?? null
}

/** The parameters of the query string, as sent. */
export function queryOf({ rawUrl }: AwsRequest): Parameter[] {
  const question = rawUrl.indexOf('?')
  return question < 0 ? [] : parseForm(rawUrl.slice(question + 1))
}

function fromHeader(authorization: string, headers: AwsRequest['headers']): Credential {
  const space = authorization.indexOf(' ')
  const scheme = space < 0 ? authorization : authorization.slice(0, space)
  const fields = new Map<string, string>()
  for (const field of authorization.slice(scheme.length).split(',')) {
    const equals = field.indexOf('=')
    if (equals > 0) fields.set(field.slice(0, equals).trim(), field.slice(equals + 1).trim())
  }
  const need = (name: string) =>
    required(fields.get(name), `The Authorization header lacks ${name}`)
  requireAlgorithm(scheme)
  return {
    form: 'header',
    ...accessKeyAndScope(need('Credential')),
    timestamp: requireTimestamp(headers['x-amz-date'], 'X-Amz-Date header'),
    expires: null,
    signedHeaders: headerNames(need('SignedHeaders')),
    signature: requireSignature(need('Signature')),
    sessionToken: headers['x-amz-security-token'] ?? null,
  }
}

function fromQuery(query: ReadonlyMap<string, string>): Credential {
  const need = (name: string) => required(query.get(name), `The query string lacks ${name}`)
  requireAlgorithm(need('X-Amz-Algorithm'))
  return {
    form: 'query',
    ...accessKeyAndScope(need('X-Amz-Credential')),
    timestamp: requireTimestamp(need('X-Amz-Date'), 'X-Amz-Date parameter'),
    expires: requireExpires(need('X-Amz-Expires')),
    signedHeaders: headerNames(need('X-Amz-SignedHeaders')),
    signature: requireSignature(need('X-Amz-Signature')),
    sessionToken: query.get('X-Amz-Security-Token') ?? null,
  }
}

function accessKeyAndScope(credential: string): { accessKeyId: string; scope: Scope } {
  const [accessKeyId, date, region, service, terminator, ...rest] = credential.split('/')
  if (!accessKeyId || !date || !region || !service || rest.length > 0) {
    throw incomplete('Credential must have exactly 5 slash-delimited elements')
  }
  if (terminator !== 'aws4_request') {
    throw incomplete("Credential should be scoped with a valid terminator: 'aws4_request'")
  }
  return { accessKeyId, scope: { date, region, service } }
}

function headerNames(list: string): string[] {
  return list.toLowerCase().split(';').sort()
}

function requireAlgorithm(name: string): void {
  if (name !== algorithm) throw incomplete(`Unsupported signature algorithm; use ${algorithm}`)
}

function requireTimestamp(value: string | undefined, where: string): string {
  if (value === undefined || !/^\d{8}T\d{6}Z$/.test(value)) {
    throw incomplete(`The request must have an ${where} in the form YYYYMMDDTHHMMSSZ`)
  }
  return value
}

function requireExpires(value: string): number {
  const seconds = /^\d{1,7}$/.test(value) ? Number(value) : Number.NaN
  if (!(seconds >= 1 && seconds <= maxExpiresSeconds)) {
    throw incomplete(`X-Amz-Expires must be from 1 to ${maxExpiresSeconds} seconds`)
  }
  return seconds
}

function requireSignature(value: string): string {
  if (!/^[0-9a-f]{64}$/.test(value)) throw incomplete('Signature must be 64 hexadecimal digits')
  return value
}

function required(value: string | undefined, problem: string): string {
  if (value === undefined || value === '') throw incomplete(problem)
  return value
}

function incomplete(message: string): ApiError {
  return new ApiError('IncompleteSignature', message)
}
