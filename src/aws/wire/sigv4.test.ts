import { Sha256 } from '@smithy/core/checksum'
import { SignatureV4 } from '@smithy/signature-v4'
import { describe, expect, it } from 'vitest'
import { readCredential } from './credential.ts'
import type { ApiError } from './errors.ts'
import type { AwsRequest } from './protocol.ts'
import { verifySignature } from './sigv4.ts'

const accessKeyId = 'AKIAAAAAAAAAAAAAAAAA'
const secretAccessKey = 'a secret'
const now = Date.parse('2026-03-04T05:06:07Z')
const minute = 60_000
const keys = { secretOf: async (id: string) => (id === accessKeyId ? secretAccessKey : undefined) }

interface Signed {
  readonly body?: string
  readonly query?: Record<string, string | string[]>
  readonly headers?: Record<string, string>
  readonly signedAt?: number
  readonly expiresIn?: number
  readonly sessionToken?: string
}

/** Signed by the SDK's signer, in the header or, with `expiresIn`, in the query. */
async function sign(options: Signed = {}): Promise<AwsRequest> {
  const { body = 'Action=X', query = {}, headers = {}, signedAt = now, expiresIn } = options
  const signer = new SignatureV4({
    credentials: {
      accessKeyId,
      secretAccessKey,
      ...(options.sessionToken ? { sessionToken: options.sessionToken } : {}),
    },
    region: 'us-west-2',
    service: 'elasticloadbalancing',
    sha256: Sha256,
  })
  const request = {
    method: expiresIn === undefined ? 'POST' : 'GET',
    protocol: 'http:',
    hostname: 'localhost',
    path: '/',
    query,
    headers: { host: 'localhost:4566', ...headers },
    ...(expiresIn === undefined ? { body } : {}),
  }
  const signingDate = new Date(signedAt)
  const signed =
    expiresIn === undefined
      ? await signer.sign(request, { signingDate })
      : await signer.presign(request, { signingDate, expiresIn })
  const pairs = Object.entries(signed.query ?? {}).flatMap(([name, values]) =>
    [values]
      .flat()
      .map((value) => `${encodeURIComponent(name)}=${encodeURIComponent(value ?? '')}`),
  )
  return {
    method: request.method,
    rawUrl: pairs.length > 0 ? `/?${pairs.join('&')}` : '/',
    headers: signed.headers,
    body: new TextEncoder().encode(request.body ?? ''),
    remoteAddress: '127.0.0.1',
  }
}

async function verify(request: AwsRequest, at = now): Promise<string> {
  try {
    const credential = readCredential(request)
    if (credential === null) return 'unsigned'
    await verifySignature(request, credential, keys, at)
    return 'verified'
  } catch (error) {
    const { code, message } = error as ApiError
    return `${code}: ${message}`
  }
}

function withHeader(
  request: AwsRequest,
  name: string,
  change: (value: string) => string,
): AwsRequest {
  return {
    ...request,
    headers: { ...request.headers, [name]: change(request.headers[name] ?? '') },
  }
}

describe('a signature in the Authorization header', () => {
  it('is verified for what the SDK signs', async () => {
    expect(await verify(await sign())).toBe('verified')
  })

  it('is verified whatever order, escaping and repetition the query has', async () => {
    const query = { b: ['2', '1'], a: 'ü *~/+ %', 'A.member.1': '', Z: 'x=y&z' }
    const request = await sign({ query })
    const [path, search = ''] = request.rawUrl.split('?')
    const reversed = `${path}?${search.split('&').reverse().join('&')}`
    expect(await verify(request)).toBe('verified')
    expect(await verify({ ...request, rawUrl: reversed })).toBe('verified')
    expect(await verify({ ...request, rawUrl: reversed.replaceAll('%20', '+') })).toBe('verified')
  })

  it('ignores headers that were not signed and folds blanks in those that were', async () => {
    const request = await sign({ headers: { 'content-type': 'a   b' } })
    const headers = { ...request.headers, 'user-agent': 'added', 'content-type': ' a b ' }
    expect(await verify({ ...request, headers })).toBe('verified')
  })

  it.each<[string, (request: AwsRequest) => AwsRequest]>([
    ['the body', (r) => ({ ...r, body: new TextEncoder().encode('Action=Y') })],
    ['the query', (r) => ({ ...r, rawUrl: '/?a=b' })],
    ['the path', (r) => ({ ...r, rawUrl: '/x' })],
    ['the method', (r) => ({ ...r, method: 'GET' })],
    ['the host', (r) => withHeader(r, 'host', () => 'elsewhere')],
    ['the time', (r) => withHeader(r, 'x-amz-date', (v) => v.replace('07Z', '08Z'))],
    [
      'the region',
      (r) => withHeader(r, 'authorization', (v) => v.replace('us-west-2', 'us-east-1')),
    ],
    ['the service', (r) => withHeader(r, 'authorization', (v) => v.replace('elasticload', 'x'))],
    ['the day', (r) => withHeader(r, 'authorization', (v) => v.replace('/20260304', '/20260303'))],
    [
      'the signature',
      (r) => withHeader(r, 'authorization', (v) => v.replace(/.$/, (c) => (c === '0' ? '1' : '0'))),
    ],
    ['a further x-amz- header', (r) => withHeader(r, 'x-amz-target', () => 'X')],
    [
      'the signed headers: host left out',
      (r) => withHeader(r, 'authorization', (v) => v.replace('host;', '')),
    ],
    ['the declared hash', (r) => withHeader(r, 'x-amz-content-sha256', () => 'UNSIGNED-PAYLOAD')],
  ])('does not survive a change of %s', async (_what, change) => {
    expect(await verify(change(await sign()))).toMatch(/^SignatureDoesNotMatch: /)
  })

  it('is good for 15 minutes on either side of its time', async () => {
    const request = await sign()
    expect(await verify(request, now + 15 * minute)).toBe('verified')
    expect(await verify(request, now - 15 * minute)).toBe('verified')
    expect(await verify(request, now + 15 * minute + 1)).toMatch(
      /^RequestExpired: Signature expired: 20260304T050607Z/,
    )
    expect(await verify(request, now - 15 * minute - 1)).toMatch(
      /^RequestExpired: Signature not yet current/,
    )
  })

  it('is refused for an unknown key and for session tokens', async () => {
    const unknown = withHeader(await sign(), 'authorization', (v) => v.replace('AKIAA', 'AKIAB'))
    expect(await verify(unknown)).toMatch(/^InvalidClientTokenId: The security token/)
    expect(await verify(await sign({ sessionToken: 't' }))).toMatch(
      /^InvalidClientTokenId: .*session tokens/,
    )
  })

  it.each([
    ['AWS AKIA:abc'],
    ['AWS4-HMAC-SHA256'],
    ['AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request'],
    ['AWS4-HMAC-SHA256 Credential=a/b/c/d, SignedHeaders=host, Signature=00'],
    ['AWS4-HMAC-SHA256 Credential=a/b/c/d/other, SignedHeaders=host, Signature=00'],
    ['AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request, SignedHeaders=host, Signature=00'],
  ])('that is no signature is incomplete: %s', async (authorization) => {
    const request = withHeader(await sign(), 'authorization', () => authorization)
    expect(await verify(request)).toMatch(/^IncompleteSignature: /)
  })

  it('needs a time', async () => {
    expect(await verify(withHeader(await sign(), 'x-amz-date', () => 'now'))).toMatch(
      /^IncompleteSignature: /,
    )
  })
})

describe('a presigned query', () => {
  const query = { Action: 'DescribeLoadBalancers', Version: '2012-06-01' }

  it('is verified until it expires', async () => {
    const request = await sign({ query, expiresIn: 60 })
    expect(await verify(request)).toBe('verified')
    expect(await verify(request, now + minute)).toBe('verified')
    expect(await verify(request, now + minute + 1)).toMatch(/^RequestExpired: /)
  })

  it('does not survive a change', async () => {
    const request = await sign({ query, expiresIn: 60 })
    const change = (from: string, to: string) => ({
      ...request,
      rawUrl: request.rawUrl.replace(from, to),
    })
    expect(await verify(change('Describe', 'Delete'))).toMatch(/^SignatureDoesNotMatch: /)
    expect(await verify(change('Expires=60', 'Expires=61'))).toMatch(/^SignatureDoesNotMatch: /)
    expect(await verify(change('Action', 'Extra=1&Action'))).toMatch(/^SignatureDoesNotMatch: /)
  })

  it('is good for a week at most', async () => {
    const request = await sign({ query, expiresIn: 60 })
    for (const seconds of ['0', '604801', 'x', '-1']) {
      const rawUrl = request.rawUrl.replace('Expires=60', `Expires=${seconds}`)
      expect(await verify({ ...request, rawUrl })).toMatch(/^IncompleteSignature: X-Amz-Expires/)
    }
  })

  it('excludes an Authorization header', async () => {
    const { headers } = await sign()
    const request = await sign({ query, expiresIn: 60 })
    expect(await verify({ ...request, headers })).toMatch(/^IncompleteSignature: .*both/)
  })
})
