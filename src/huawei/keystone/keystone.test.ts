/** Tokens, and who is let in with them. */
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startApi, type TestApi } from '../../../test/support/api.ts'
import { describedOnly } from '../../../test/support/described-answers.ts'
import { HuaweiClient, refusal } from '../../../test/support/huawei.ts'
import { ManualClock } from '../../../test/support/manual-clock.ts'
import { SecretBox } from '../../std/secret-box.ts'
import { createLogger } from '../../telemetry/logger.ts'
import { createHuaweiEndpoint } from '../wire/endpoint.ts'
import { route } from '../wire/routes.ts'
import { createKeystoneApi } from './api.ts'
import { Projects } from './projects.ts'
import { Tokens } from './tokens.ts'

const clock = new ManualClock(Date.parse('2024-06-20T08:00:00Z'))
const projects = new Projects('123456789012', 'us-west-2')
const keys = new Map([['AKIAROOT', 'the secret']])
const path = (project: string) => `/v3/${project}/elb/things`
let api: TestApi

/** An API that says in which project it was called. */
const things = {
  name: 'things',
  routes: [
    route({
      method: 'GET',
      path: '/v3/{project_id}/elb/things',
      name: 'ListThings',
      status: 200,
      query: ['name', 'odd'],
      run: async (_, { projectId }) => ({ status: 200, body: { projectId } }),
    }),
    route({
      method: 'GET',
      path: '/v2/things',
      name: 'ListThingsOfCaller',
      status: 200,
      scoped: true,
      run: async (_, { projectId }) => ({ status: 200, body: { projectId } }),
    }),
  ],
  encode: (body: object) => body,
  encodeError: ({ code, message }: { code: string; message: string }) => ({
    error_code: code,
    error_msg: message,
  }),
}

beforeAll(async () => {
  const accessKeys = { secretOf: async (id: string) => keys.get(id) }
  const tokens = new Tokens(new SecretBox(randomBytes(32)), accessKeys, clock)
  const keystone = createKeystoneApi({
    projects,
    tokens,
    region: 'us-west-2',
    catalog: [
      { type: 'identity', name: 'keystone', path: '/v3' },
      { type: 'elbv3', name: 'elbv3', path: '/v3/{project_id}' },
    ],
  })
  api = await startApi({
    services: [],
    huawei: (store) =>
      describedOnly(
        createHuaweiEndpoint({
          apis: [things, keystone],
          store,
          clock,
          logger: createLogger('silent'),
          auth: { kind: 'required', keys: accessKeys, tokens },
        }),
        [keystone],
        new Set(),
      ),
  })
})
afterAll(() => api[Symbol.asyncDispose]())

async function login(password: string, scope?: object | 'unscoped') {
  const user = { name: 'AKIAROOT', domain: { id: 'default' }, password }
  const identity = { methods: ['password'], password: { user } }
  const answer = await fetch(`${api.url}/v3/auth/tokens`, {
    method: 'POST',
    body: JSON.stringify({ auth: { identity, ...(scope === undefined ? {} : { scope }) } }),
  })
  const text = answer.headers.get('x-subject-token') ?? ''
  return { status: answer.status, text, body: (await answer.json()) as Record<string, never> }
}

const call = async (token: string, project = projects.home.id) =>
  (await fetch(api.url + path(project), { headers: { 'x-auth-token': token } })).status

it('a token for an access key and its secret has a catalog, and is good for its project', async () => {
  const { status, text, body } = await login('the secret')
  expect(status).toBe(201)
  expect(body).toMatchObject({
    token: {
      project: { id: projects.home.id, name: 'us-west-2' },
      issued_at: '2024-06-20T08:00:00.000000Z',
      expires_at: '2024-06-21T08:00:00.000000Z',
      catalog: [
        { type: 'identity' },
        { type: 'elbv3', endpoints: [{ url: `${api.url}/v3/${projects.home.id}` }, {}, {}] },
      ],
    },
  })
  expect(await call(text)).toBe(200)
  expect(await call(text, '0'.repeat(32))).toBe(403)
  const shown = await fetch(`${api.url}/v3/auth/tokens`, {
    headers: { 'x-auth-token': text, 'x-subject-token': text },
  })
  expect(await shown.json()).toEqual(body)
})

it('a project can be named by name or id; the same name has always the same id', async () => {
  const named = await login('the secret', { project: { name: 'other', domain: { name: 'x' } } })
  const { id } = projects.named('other')
  expect(await call(named.text, id)).toBe(200)
  const byId = await login('the secret', { project: { id } })
  expect(await call(byId.text, id)).toBe(200)
  const list = await fetch(`${api.url}/v3/projects?name=other`, {
    headers: { 'x-auth-token': named.text },
  })
  expect(await list.json()).toMatchObject({ projects: [{ id, name: 'other' }] })
})

it("where the path names no project, it is the token's", async () => {
  const ask = async (headers: Record<string, string>) => {
    const answer = await fetch(`${api.url}/v2/things`, { headers })
    return [answer.status, await answer.json()]
  }
  const { text } = await login('the secret')
  const other = '0'.repeat(32)
  expect(await ask({ 'x-auth-token': text, 'x-project-id': other })).toEqual([
    200,
    { projectId: projects.home.id },
  ])
  const unscoped = await login('the secret', 'unscoped')
  expect((await ask({ 'x-auth-token': unscoped.text }))[0]).toBe(403)
  expect((await ask({ 'x-auth-token': 'forged', 'x-project-id': other }))[0]).toBe(401)
  expect((await ask({ 'x-project-id': other }))[0]).toBe(401)
})

it('the catalog of a token is also there by itself', async () => {
  const { text, body } = await login('the secret', { project: { name: 'other' } })
  const answer = await fetch(`${api.url}/v3/auth/catalog`, { headers: { 'x-auth-token': text } })
  const { catalog } = (await answer.json()) as { catalog: unknown }
  expect(body).toMatchObject({ token: { catalog } })
  expect(catalog).toMatchObject([
    { type: 'identity' },
    { type: 'elbv3', endpoints: [{ url: `${api.url}/v3/${projects.named('other').id}` }, {}, {}] },
  ])
  expect((await fetch(`${api.url}/v3/auth/catalog`)).status).toBe(401)
})

it('what is no token is not found', async () => {
  const { text } = await login('the secret')
  for (const subject of ['', 'forged', text.slice(1)]) {
    const answer = await fetch(`${api.url}/v3/auth/tokens`, {
      headers: { 'x-auth-token': text, 'x-subject-token': subject },
    })
    expect(answer.status).toBe(404)
  }
})

it('a wrong password gets no token', async () => {
  const { status, body } = await login('another secret')
  expect([status, body]).toEqual([
    401,
    { error: { code: 401, message: expect.any(String), title: 'Unauthorized' } },
  ])
})

it('a token ends after a day, with its access key, and when it was changed', async () => {
  const { text } = await login('the secret')
  expect(await call(`${text.slice(0, -4)}AAAA`)).toBe(401)
  expect(await call('')).toBe(401)
  clock.advance(24 * 3_600_000 - 1)
  expect(await call(text)).toBe(200)
  clock.advance(1)
  expect(await call(text)).toBe(401)
  const fresh = await login('the secret')
  keys.delete('AKIAROOT')
  expect(await call(fresh.text)).toBe(401)
  keys.set('AKIAROOT', 'the secret')
})

it('a token that is got with another one is for another project, and ends with it', async () => {
  const { text } = await login('the secret')
  clock.advance(3_600_000)
  const answer = await fetch(`${api.url}/v3/auth/tokens`, {
    method: 'POST',
    body: JSON.stringify({
      auth: {
        identity: { methods: ['token'], token: { id: text } },
        scope: { project: { name: 'other' } },
      },
    }),
  })
  const rescoped = answer.headers.get('x-subject-token') ?? ''
  const { id } = projects.named('other')
  expect(await call(rescoped, id)).toBe(200)
  clock.advance(23 * 3_600_000)
  expect(await call(rescoped, id)).toBe(401)
})

it('what was signed is verified: path, query, headers, body, date', async () => {
  clock.advance(Date.now() - clock.now())
  const key = { accessKeyId: 'AKIAROOT', secretAccessKey: 'the secret' }
  const project = projects.home.id
  const client = new HuaweiClient(api.url, key, project)
  const odd = { name: ['b', 'a'], odd: "a b+c/d?e=f&g'h(i)*~é" }
  expect(await client.get('things', odd)).toMatchObject({ projectId: project })
  expect(await client.get('things/')).toMatchObject({ projectId: project })
  const forged = new HuaweiClient(api.url, { ...key, secretAccessKey: 'guess' }, project)
  expect((await refusal(forged.get('things'))).code).toBe('APIGW.0301')
  const unknown = new HuaweiClient(api.url, { ...key, accessKeyId: 'AKIANOBODY' }, project)
  expect((await refusal(unknown.get('things'))).status).toBe(401)
  clock.advance(16 * 60_000)
  expect(await refusal(client.get('things'))).toMatchObject({
    status: 401,
    message: expect.stringContaining('more than 15 minutes'),
  })
})
