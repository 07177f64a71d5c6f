/** Whatever somebody sends, the answer is one of the API's. */
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Answer } from '../../../test/support/huawei.ts'
import { HuaweiApi } from '../../../test/support/huawei-api.ts'
import { ask } from '../../../test/support/web-client.ts'
import { maxBodyBytes } from './endpoint.ts'

const project = '0123456789abcdef0123456789abcdef'
const listeners = `/v3/${project}/elb/listeners`
let api: HuaweiApi

beforeAll(async () => {
  api = await HuaweiApi.start()
})
afterAll(() => api[Symbol.asyncDispose]())

const send = (path: string, options: { method?: string; body?: string } = {}) =>
  ask(api.api.url + path, '127.0.0.1', options)

/** An answer's status, and what its error says. */
async function refused(path: string, options: { method?: string; body?: string | Buffer }) {
  const answer = await fetch(api.api.url + path, options)
  const { error_code, error_msg } = (await answer.json()) as Answer
  return { status: answer.status, code: error_code, message: error_msg }
}

it('no body makes an operation fail', async () => {
  const { paths } = (await (await fetch(`${api.api.url}/v3/openapi.json`)).json()) as Answer
  const operations = Object.entries<Answer>(paths).flatMap(([path, methods]) =>
    Object.entries<Answer>(methods).flatMap(([method, { requestBody }]) => {
      const { properties = {} } = requestBody?.content['application/json'].schema ?? {}
      const url = path.replace('{project_id}', project).replace(/\{\w+\}/g, 'x')
      return Object.keys(properties).map((key) => ({ method: method.toUpperCase(), url, key }))
    }),
  )
  const value = fc.oneof(fc.jsonValue(), fc.dictionary(fc.string(), fc.jsonValue()))
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...operations),
      value,
      async ({ url, key, method }, fields) => {
        const body = JSON.stringify({ [key]: fields })
        expect((await send(url, { method, body })).status).toBeLessThan(500)
      },
    ),
    { numRuns: 300 },
  )
})

it.each<[string, string | Buffer]>([
  ['nothing', ''],
  ['no JSON', '{'],
  ['a form', 'name=a'],
  ['bytes that are not UTF-8', Buffer.from('{"listener":{"name":"\xff"}}', 'latin1')],
])('%s is no body', async (_, body) => {
  expect(await refused(listeners, { method: 'POST', body })).toEqual({
    ...{ status: 400, code: 'ELB.8902', message: 'The body is not JSON' },
  })
})

it('nothing nests too deeply to be refused', async () => {
  const deep = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`
  for (const body of [deep(500_000), `{"listener":{"name":${deep(500_000)}}}`]) {
    const { status, code } = await refused(listeners, { method: 'POST', body })
    expect([status, code]).toEqual([400, 'ELB.8902'])
  }
})

it('a body that is too large is not read to its end', async () => {
  const answer = await send(listeners, { method: 'POST', body: ' '.repeat(maxBodyBytes + 1) })
  expect(answer).toMatchObject({ status: 413, headers: { connection: 'close' } })
  expect(JSON.parse(answer.body)).toMatchObject({ error_code: 'APIGW.0201' })
})

it.each(['PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'])('there is no %s of a list', async (method) => {
  const { status, headers, body } = await send(listeners, { method })
  expect([status, JSON.parse(body).error_msg]).toEqual([
    404,
    `The API does not exist: ${method} ${listeners}`,
  ])
  expect(headers).not.toHaveProperty('access-control-allow-origin')
})

it('HEAD is answered as GET is, without a body', async () => {
  for (const [path, status] of [
    [listeners, 200],
    [`${listeners}/none`, 404],
    ['/v3/nothing', 404],
  ] as const) {
    const answer = await send(path, { method: 'HEAD' })
    expect([path, answer.status, answer.body]).toEqual([path, status, ''])
    expect(answer.headers['content-type']).toBe('application/json')
  }
})

it('no refusal repeats a secret', async () => {
  const secret = 'sesame-open-up'
  const tokens = '/v3/auth/tokens'
  const certificates = `/v3/${project}/elb/certificates`
  for (const [path, body] of [
    [tokens, { auth: { identity: { methods: ['password'], password: secret } } }],
    [tokens, { auth: [{ identity: { password: { user: { password: secret } } } }] }],
    [tokens, { auth: { identity: { methods: ['token'], token: secret } } }],
    [certificates, { certificate: { private_key: [secret] } }],
    [certificates, { certificate: [{ private_key: secret }] }],
    [certificates, [`-----BEGIN PRIVATE KEY-----\n${secret}`]],
  ] as const) {
    const answer = await send(path, { method: 'POST', body: JSON.stringify(body) })
    expect([answer.status, answer.body.includes(secret)]).toEqual([400, false])
  }
})
