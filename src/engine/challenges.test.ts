import { expect, test } from 'vitest'
import { Origin } from '../../test/support/peer.ts'
import { ok, Serving } from '../../test/support/serving.ts'

const proof = { token: 'tok_en-1', keyAuthorization: 'tok_en-1.thumb_print' }
const path = '/.well-known/acme-challenge/'

function get(target: string, method = 'GET'): string {
  return `${method} ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`
}

async function proving(places: Parameters<typeof Serving.start>[0] = []): Promise<Serving> {
  const serving = await Serving.start(places)
  await serving.engine.apply({ ...serving.snapshot(places), challenges: [proof] })
  return serving
}

test('an authority gets its proof, also where no instance is in service', async () => {
  await using serving = await proving()
  const answer = await serving.exchange(get(path + proof.token))
  expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
  expect(answer.split('\r\n\r\n')[1]).toBe(proof.keyAuthorization)
  expect(serving.engine.counters()[0]).toMatchObject({ requests: 1, engine4xx: 0, engine5xx: 0 })
})

test('a connection goes on after a proof, and HEAD is answered without a body', async () => {
  await using serving = await proving()
  await using client = await serving.connect()
  const request = (method: string) => `${method} ${path}${proof.token} HTTP/1.1\r\nHost: a\r\n\r\n`
  client.send(request('HEAD') + request('GET'))
  await client.until(`\r\n\r\nHTTP/1.1 200 OK`)
  await client.until(`\r\n\r\n${proof.keyAuthorization}`)
  client.send(get('/'))
  await client.until('HTTP/1.1 503')
})

test('all else goes to instances: other paths, other tokens, other methods', async () => {
  await using origin = await Origin.answering(ok('instance'))
  await using serving = await proving([origin])
  const requests = [get('/'), get(`${path}other`), get(path), get(path + proof.token, 'DELETE')]
  for (const request of requests) expect(await serving.exchange(request)).toMatch(/instance$/)
})

test('a proof is given no more when the next snapshot lacks it', async () => {
  await using serving = await proving()
  await serving.apply([])
  expect(await serving.exchange(get(path + proof.token))).toMatch(/^HTTP\/1\.1 503/)
})
