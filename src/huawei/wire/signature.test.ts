/** What was signed with an access key cannot be another request by the time it comes. */
import { createHash, createHmac } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { z } from 'zod'
import { startApi, type TestApi } from '../../../test/support/api.ts'
import { ManualClock } from '../../../test/support/manual-clock.ts'
import { ask } from '../../../test/support/web-client.ts'
import { createLogger } from '../../telemetry/logger.ts'
import { createHuaweiEndpoint } from './endpoint.ts'
import { type Method, route } from './routes.ts'

const now = Date.parse('2024-06-20T08:00:00Z')
const key = { id: 'AKIAROOT', secret: 'the secret' }
const project = '0123456789abcdef0123456789abcdef'
let api: TestApi
/** Of the last request that was let in. */
let seen: unknown

const things = (['POST', 'PUT'] as const).flatMap((method) =>
  ['/v2/things', '/v2/others'].map((path) => thing(method, path)),
)

function thing(method: Method, path: string) {
  return route({
    ...{ method, path, name: `${method}${path}`, status: 200, scoped: true },
    query: ['a', 'b'],
    body: z.object({}).loose(),
    run: async ({ query, body }, { projectId }) => {
      seen = { query: Object.fromEntries(query), body, projectId }
      return { status: 200, body: {} }
    },
  })
}

beforeAll(async () => {
  api = await startApi({
    services: [],
    huawei: (store) =>
      createHuaweiEndpoint({
        apis: [
          {
            name: 'things',
            routes: things,
            encode: (body) => body,
            encodeError: ({ message }) => ({ message }),
          },
        ],
        store,
        clock: new ManualClock(now),
        logger: createLogger('silent'),
        auth: {
          kind: 'required',
          keys: { secretOf: async (id) => (id === key.id ? key.secret : undefined) },
          tokens: { read: async () => undefined },
        },
      }),
  })
})
afterAll(() => api[Symbol.asyncDispose]())

interface Sent {
  readonly method: string
  /** Path and query, each as its canonical form has it. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

function request(headers: Record<string, string> = {}): Sent {
  const { host } = new URL(api.url)
  return {
    method: 'POST',
    path: '/v2/things?a=1&b=2',
    headers: {
      'content-type': 'application/json',
      host,
      'x-project-id': project,
      'x-sdk-date': '20240620T080000Z',
      ...headers,
    },
    body: '{"c":3}',
  }
}

/** As the reference of the API gateway describes it, for requests in canonical form. @param names of the headers that are signed */
function signed(
  sent: Sent,
  names = Object.keys(sent.headers),
  { id, secret } = key,
  derived: { secret: string | Buffer; scope: string } = { secret, scope: '' },
): Sent {
  const { method, path, headers, body } = sent
  const [uri = '', query = ''] = path.split('?')
  const sorted = names.toSorted()
  const hash = (text: string) => createHash('sha256').update(text).digest('hex')
  const canonical = [
    method,
    uri.endsWith('/') ? uri : `${uri}/`,
    query,
    ...sorted.map((name) => `${name}:${headers[name]}`),
    '',
    sorted.join(';'),
    hash(body),
  ].join('\n')
  const text = `SDK-HMAC-SHA256\n${headers['x-sdk-date']}\n${derived.scope}${hash(canonical)}`
  const signature = createHmac('sha256', derived.secret).update(text).digest('hex')
  const authorization = `SDK-HMAC-SHA256 Access=${id}, SignedHeaders=${sorted.join(';')}, Signature=${signature}`
  return { ...sent, headers: { ...headers, authorization } }
}

/** As golangsdk and gophertelekomcloud sign, which know neither region nor service here. */
function signedByDay(sent: Sent, day = '20240620'): Sent {
  const derived = ['20240620', '', '', 'sdk_request'].reduce<string | Buffer>(
    (secret, part) => createHmac('sha256', secret).update(part).digest(),
    `SDK${key.secret}`,
  )
  const { authorization = '' } = signed(sent, undefined, key, {
    secret: derived,
    scope: `${day}///sdk_request\n`,
  }).headers
  const credential = `Credential=${key.id}/${day}///sdk_request`
  return withHeaders(sent, { authorization: authorization.replace(/Access=\w+/, credential) })
}

async function send(sent: Sent): Promise<{ status: number; message: string | undefined }> {
  const { status, body } = await ask(api.url, '127.0.0.1', sent)
  return { status, message: JSON.parse(body).message }
}

const withHeaders = (sent: Sent, headers: Record<string, string>): Sent => ({
  ...sent,
  headers: { ...sent.headers, ...headers },
})

it('who is not let in is told by what they could be', async () => {
  const { status, headers } = await ask(`${api.url}/v2/things`, '127.0.0.1', { method: 'POST' })
  expect([status, headers['www-authenticate']]).toEqual([401, 'SDK-HMAC-SHA256, Keystone'])
})

it('a request that is as it was signed is let in', async () => {
  expect(await send(signed(request()))).toEqual({ status: 200, message: undefined })
  expect(seen).toEqual({
    ...{ query: { a: ['1'], b: ['2'] }, body: { c: 3 } },
    projectId: project,
  })
})

it('a key that is derived for the day lets in on that day, for what was signed', async () => {
  expect((await send(signedByDay(request()))).status).toBe(200)
  const changed = { ...signedByDay(request()), body: '{"c":4}' }
  expect((await send(changed)).status).toBe(401)
  expect(await send(signedByDay(request(), '20240621'))).toEqual({
    status: 401,
    message: expect.stringContaining('the credential is of 20240621'),
  })
})

it.each<[string, (sent: Sent) => Sent]>([
  ['headers that are not signed', (sent) => withHeaders(sent, { accept: '*/*' })],
  ['parameters in another order', (sent) => ({ ...sent, path: '/v2/things?b=2&a=1' })],
  ['a slash at the end', (sent) => ({ ...sent, path: '/v2/things/?a=1&b=2' })],
  ['characters escaped that need not be', (sent) => ({ ...sent, path: '/v2/things?%61=1&b=2' })],
  ['names of headers in capitals', upperCase],
])('%s make no other request', async (_, change) => {
  expect((await send(change(signed(request())))).status).toBe(200)
})

function upperCase(sent: Sent): Sent {
  const headers = Object.entries(sent.headers).map(([name, value]) => [name.toUpperCase(), value])
  return { ...sent, headers: Object.fromEntries(headers) }
}

it.each<[string, (sent: Sent) => Sent]>([
  ['method', (sent) => ({ ...sent, method: 'PUT' })],
  ['path', (sent) => ({ ...sent, path: '/v2/others?a=1&b=2' })],
  ['parameter', (sent) => ({ ...sent, path: '/v2/things?a=1&b=3' })],
  ['further parameter', (sent) => ({ ...sent, path: '/v2/things?a=1&a=1&b=2' })],
  ['body', (sent) => ({ ...sent, body: '{"c":4}' })],
  ['signed header', (sent) => withHeaders(sent, { 'content-type': 'text/plain' })],
  ['date', (sent) => withHeaders(sent, { 'x-sdk-date': '20240620T080001Z' })],
  ['project', (sent) => withHeaders(sent, { 'x-project-id': '1'.repeat(32) })],
  ['host', (sent) => withHeaders(sent, { host: 'other.example' })],
])('another %s is another request', async (_, change) => {
  seen = undefined
  expect(await send(change(signed(request())))).toEqual({
    status: 401,
    message: expect.stringContaining('verify aksk signature fail'),
  })
  expect(seen).toBeUndefined()
})

it.each(['host', 'x-sdk-date'])('%s has to be signed', async (name) => {
  const sent = request()
  const names = Object.keys(sent.headers).filter((each) => each !== name)
  expect(await send(signed(sent, names))).toEqual({
    status: 401,
    message: expect.stringContaining(`the header ${name} must be signed`),
  })
})

it('a project may be named after the request was signed, and a token says nothing then', async () => {
  const { 'x-project-id': _, ...headers } = request().headers
  const sent = signed({ ...request(), headers })
  expect((await send(sent)).status).toBe(403)
  expect((await send(withHeaders(sent, { 'x-project-id': project }))).status).toBe(200)
  expect((await send(withHeaders(sent, { 'x-auth-token': 'anything' }))).status).toBe(403)
})

it.each([
  ['20240620T074500Z', 200],
  ['20240620T081500Z', 200],
  ['20240620T074459Z', 401],
  ['20240620T081501Z', 401],
  ['20240631T080000Z', 401],
  ['2024-06-20T08:00:00Z', 401],
])(
  'of the date %s, the answer is %i: clocks may be a quarter of an hour apart',
  async (date, status) => {
    expect((await send(signed(request({ 'x-sdk-date': date })))).status).toBe(status)
  },
)

it('a hash of the body that is stated has to be that of the body', async () => {
  const own = createHash('sha256').update(request().body).digest('hex')
  for (const [stated, status] of [
    [own, 200],
    ['0'.repeat(64), 401],
    ['UNSIGNED-PAYLOAD', 401],
  ] as const) {
    const sent = signed(request({ 'x-sdk-content-sha256': stated }))
    expect([stated, (await send(sent)).status]).toEqual([stated, status])
  }
})

it.each([
  ['a key that there is not', { ...key, id: 'AKIANOBODY' }],
  ['another secret', { ...key, secret: 'guess' }],
])('%s lets nobody in', async (_, other) => {
  expect((await send(signed(request(), undefined, other))).status).toBe(401)
})

it.each([
  'SDK-HMAC-SHA256 ',
  'SDK-HMAC-SHA256 Access=AKIAROOT, SignedHeaders=, Signature=',
  `SDK-HMAC-SHA256 Access=AKIAROOT, SignedHeaders=host;x-sdk-date, Signature=${'0'.repeat(63)}`,
  `SDK-HMAC-SHA256 Access=AKIAROOT, SignedHeaders=host;x-sdk-date, Signature=${'z'.repeat(64)}`,
  `SDK-HMAC-SHA256 Access=AKIAROOT, SignedHeaders=host;x-sdk-date;__proto__, Signature=${'0'.repeat(64)}`,
])('%j is no signature', async (authorization) => {
  expect((await send(withHeaders(request(), { authorization }))).status).toBe(401)
})
