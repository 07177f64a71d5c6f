/**
 * Verification of AWS Signature Version 4: rebuild what the client signed from the request as it came, sign it with the secret of
 * the access key that the request names, compare. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { Sha256 } from '@smithy/core/checksum'
import { escapeUri } from '@smithy/core/protocols'
import {
  createScope,
  getCanonicalHeaders,
  getCanonicalQuery,
  getSigningKey,
} from '@smithy/signature-v4'
import type { AccessKeys } from './access-keys.ts'
import { type Credential, queryOf } from './credential.ts'
import { ApiError } from './errors.ts'
import type { AwsRequest } from './protocol.ts'

/** How far the clocks of client and server may be apart. */
const maxSkewMs = 15 * 60_000

/** In what S3 differs from all other services. */
export interface SigningRules {
  /** The path as it is signed. */
  path(rawUrl: string): string
  /** What is signed in the place of the body. */
  payload(request: AwsRequest): string
}

/** Path and body are those of the request: the path as sent is escaped once more, the body is hashed. */
export const commonRules: SigningRules = {
  path(rawUrl) {
    const [path = ''] = rawUrl.split('?', 1)
    return escapeUri(path === '' ? '/' : path).replaceAll('%2F', '/')
  },
  payload: requirePayloadHash,
}

/**
 * @param now milliseconds since the Unix epoch.
 * @returns the key that the request was signed with: what its body has of signatures is made with it
 * @throws ApiError `InvalidClientTokenId` or `SignatureDoesNotMatch`, 403; `RequestExpired` when the clocks are too far apart.
 */
export async function verifySignature(
  request: AwsRequest,
  credential: Credential,
  keys: AccessKeys,
  now: number,
  rules: SigningRules = commonRules,
): Promise<Uint8Array> {
  requireSignedHeaders(request, credential)
  requireTime(credential, now)
  if (credential.sessionToken !== null) {
    throw invalidToken(
      'The security token included in the request is invalid: session tokens are not issued here',
    )
  }
  const secret = await keys.secretOf(credential.accessKeyId)
  if (secret === undefined) {
    throw invalidToken('The security token included in the request is invalid.')
  }
  const { date, region, service } = credential.scope
  const secretKey = { accessKeyId: credential.accessKeyId, secretAccessKey: secret }
  const key = await getSigningKey(Sha256, secretKey, date, region, service)
  const expected = createHmac('sha256', key).update(stringToSign(request, credential, rules))
  if (!timingSafeEqual(expected.digest(), Buffer.from(credential.signature, 'hex'))) {
    throw mismatch(
      'The request signature we calculated does not match the signature you provided. ' +
        'Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
    )
  }
  return key
}

/** `host`, and every `x-amz-` header that is sent, belongs to what is signed. */
function requireSignedHeaders({ headers }: AwsRequest, { signedHeaders }: Credential): void {
  const signed = new Set(signedHeaders)
  if (!signed.has('host')) throw mismatch("'Host' must be a 'SignedHeader' in the request")
  for (const name of Object.keys(headers)) {
    if (name.startsWith('x-amz-') && !signed.has(name)) {
      throw mismatch(`Header ${name} is present in the request and not signed`)
    }
  }
  for (const name of signed) {
    if (!Object.hasOwn(headers, name))
      throw mismatch(`Signed header '${name}' is not in the request`)
  }
}

function requireTime({ timestamp, scope, expires }: Credential, now: number): void {
  if (!timestamp.startsWith(scope.date)) {
    throw mismatch(
      `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: ` +
        `'${scope.date}' != '${timestamp.slice(0, 8)}', from '${timestamp}'.`,
    )
  }
  const signedAt = Date.parse(timestamp.replace(/(....)(..)(..T..)(..)(..Z)/, '$1-$2-$3:$4:$5'))
  const lastMoment = signedAt + (expires === null ? maxSkewMs : expires * 1000)
  if (Number.isNaN(signedAt) || now > lastMoment) {
    throw expired(`Signature expired: ${timestamp} is now earlier than ${basic(now)}`)
  }
  if (signedAt > now + maxSkewMs) {
    throw expired(
      `Signature not yet current: ${timestamp} is still later than ${basic(now + maxSkewMs)} ` +
        `(${basic(now)} + 15 min.)`,
    )
  }
}

/** A body that another signature than this one covers, or none, is not taken. */
function requirePayloadHash({ headers, body }: AwsRequest): string {
  const hash = createHash('sha256').update(body).digest('hex')
  const declared = headers['x-amz-content-sha256']
  if (declared !== undefined && declared !== hash) {
    throw mismatch("The header 'x-amz-content-sha256' is not the SHA-256 of the request's body")
  }
  return hash
}

function stringToSign(
  request: AwsRequest,
  { scope, timestamp, signedHeaders }: Credential,
  rules: SigningRules,
): string {
  const canonical = canonicalRequest(request, signedHeaders, rules)
  return [
    'AWS4-HMAC-SHA256',
    timestamp,
    createScope(scope.date, scope.region, scope.service),
    createHash('sha256').update(canonical).digest('hex'),
  ].join('\n')
}

function canonicalRequest(
  request: AwsRequest,
  signedHeaders: readonly string[],
  rules: SigningRules,
): string {
  const signed = signedHeaders.map((name): [string, string] => [name, request.headers[name] ?? ''])
  const headers = getCanonicalHeaders(
    { headers: Object.fromEntries(signed) } as Parameters<typeof getCanonicalHeaders>[0],
    undefined,
    new Set(signedHeaders),
  )
  const lines = signedHeaders.map((name) => `${name}:${headers[name]}\n`).join('')
  return [
    request.method,
    rules.path(request.rawUrl),
    canonicalQuery(request),
    lines,
    signedHeaders.join(';'),
    rules.payload(request),
  ].join('\n')
}

function canonicalQuery(request: AwsRequest): string {
  const values = new Map<string, string[]>()
  for (const [name, value] of queryOf(request)) {
    const others = values.get(name)
    if (others === undefined) values.set(name, [value])
    else others.push(value)
  }
  const query = Object.fromEntries(values)
  return getCanonicalQuery({ query } as Parameters<typeof getCanonicalQuery>[0])
}

function basic(epochMs: number): string {
  return new Date(epochMs).toISOString().replace(/[-:]|\.\d+/g, '')
}

function invalidToken(message: string): ApiError {
  return new ApiError('InvalidClientTokenId', message, 403)
}

/** EC2 tells its clients this code; the query services know only SignatureDoesNotMatch. */
function expired(message: string): ApiError {
  return new ApiError('RequestExpired', message)
}

function mismatch(message: string): ApiError {
  return new ApiError('SignatureDoesNotMatch', message, 403)
}
