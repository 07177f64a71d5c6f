import { expect, test } from 'vitest'
import { Origin } from '../../test/support/peer.ts'
import { ok, ownAddress, Serving } from '../../test/support/serving.ts'
import { avoidance } from './attempts.ts'

const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'

async function connectErrors(serving: Serving, requests: number): Promise<number> {
  const before = serving.engine.counters()[0]?.targetConnectErrors ?? 0
  await using client = await serving.connect()
  for (let i = 0; i < requests; i += 1) {
    client.take()
    client.send(get)
    await client.until('200 OK')
  }
  return (serving.engine.counters()[0]?.targetConnectErrors ?? 0) - before
}

test('a target that refuses is not preferred because it looks idle, and is tried again later', async () => {
  await using origin = await Origin.answering(ok('x'))
  const refusing = { host: ownAddress(), port: 9 }
  await using serving = await Serving.start([refusing, origin])
  expect(await connectErrors(serving, 10)).toBe(1)
  serving.clock.advance(avoidance + 1000)
  expect(await connectErrors(serving, 10)).toBe(1)
})

test('a target that is back is used again when its health says so', async () => {
  const host = ownAddress()
  await using other = await Origin.answering(ok('other'))
  const lost = await Origin.start(() => {}, host)
  const { port } = lost
  await lost[Symbol.asyncDispose]()
  const place = { id: 'i', host, port, zone: 'a', check: 'check' }
  const stable = { id: 'j', host: other.host, port: other.port, zone: 'a', check: null }
  await using serving = await Serving.start([], { pool: { targets: [place, stable] } })
  serving.engine.setHealth('check', true)
  await Promise.resolve()
  expect(await connectErrors(serving, 4)).toBe(1)
  serving.engine.setHealth('check', false)
  await Promise.resolve()
  serving.engine.setHealth('check', true)
  await Promise.resolve()
  expect(await connectErrors(serving, 4)).toBe(1)
})
