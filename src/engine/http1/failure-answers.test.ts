import { describe, expect, test } from 'vitest'
import { connectHttp2, responseTo, serveHttp2 } from '../../../test/support/http2.ts'
import { Origin } from '../../../test/support/peer.ts'
import { RoutedSite, rule, to } from '../../../test/support/routed-site.ts'
import { Serving } from '../../../test/support/serving.ts'
import type { ErrorAnswers } from '../../snapshot/snapshot.ts'

/** Huawei's. */
const errors: ErrorAnswers = {
  refused: 502,
  lost: 502,
  headersTooLarge: 400,
  unknownCoding: 501,
  routerCode: true,
}
const get = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'

async function gone(): Promise<Pick<Origin, 'host' | 'port'>> {
  const origin = await Origin.start()
  const { host, port } = origin
  await origin[Symbol.asyncDispose]()
  return { host, port }
}

test('a target that refuses connections, or closes one without an answer, is 502', async () => {
  await using closing = await Origin.start((peer) => peer.socket.end())
  for (const place of [await gone(), closing]) {
    await using serving = await Serving.start([place])
    await serving.apply([place], { errors })
    expect(await serving.exchange(get)).toMatch(/^HTTP\/1\.1 502 Bad Gateway\r\n/)
    await serving.apply([place], { errors: { ...errors, refused: 503, lost: 504 } })
    expect(await serving.exchange(get)).toMatch(/^HTTP\/1\.1 50[34] /)
  }
})

describe('x-router-code says why no target can serve:', () => {
  const code = (answer: string) =>
    /^HTTP\/1\.1 503 [\s\S]*\r\nx-router-code: (\d+)\r\n/.exec(answer)?.[1]

  test('the listener’s pool has no members', async () => {
    await using site = await RoutedSite.start([])
    await site.apply([], { errors }, ['pool'])
    expect(code(await site.get('/'))).toBe('40000')
    await site.apply([], { errors, pool: 'no such pool' })
    expect(code(await site.get('/'))).toBe('40000')
  })

  test('a rule’s pool has no members', async () => {
    await using site = await RoutedSite.start([])
    await site.apply([rule(to('a'))], { errors }, ['a'])
    expect(code(await site.get('/'))).toBe('40001')
  })

  test('all members are unhealthy, or have weight 0', async () => {
    await using origin = await Origin.start()
    await using serving = await Serving.start([origin])
    const target = { id: 't', host: origin.host, port: origin.port, zone: 'a' }
    await serving.apply([origin], { errors }, { targets: [{ ...target, check: 'sick' }] })
    expect(code(await serving.exchange(get))).toBe('50000')
    await serving.apply([origin], { errors }, { targets: [{ ...target, check: null, weight: 0 }] })
    expect(code(await serving.exchange(get))).toBe('50000')
  })

  test('over HTTP/2 too, and nowhere unless it is wanted', async () => {
    await using serving = await serveHttp2([])
    await using client = await connectHttp2(serving)
    expect((await responseTo(client.request({}))).headers).not.toHaveProperty('x-router-code')
    await serving.apply([], { errors })
    const { status, headers } = await responseTo(client.request({}))
    expect([status, headers['x-router-code']]).toEqual([503, '40000'])
  })
})

describe('a request is refused', () => {
  const large = `A: ${'a'.repeat(8000)}\r\n`.repeat(9)
  test.each([
    ['with fields over the limit', `GET / HTTP/1.1\r\nHost: a\r\n${large}\r\n`, 400, 431],
    [
      'with a coding that is not known',
      'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: lzma, chunked\r\n\r\n0\r\n\r\n',
      501,
      400,
    ],
    [
      'with a malformed Transfer-Encoding',
      'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "x\r\n\r\n',
      400,
      400,
    ],
  ])('%s', async (_, request, status, usual) => {
    await using serving = await Serving.start([])
    expect(await serving.exchange(request)).toMatch(new RegExp(`^HTTP/1\\.1 ${usual} `))
    await serving.apply([], { errors })
    expect(await serving.exchange(request)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
  })
})
