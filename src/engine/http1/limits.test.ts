import { describe, expect, test } from 'vitest'
import { Origin, settled } from '../../../test/support/peer.ts'
import { ok, Serving } from '../../../test/support/serving.ts'

const limits = { startLine: 1024, headerLine: 2048, headers: 4096, pipelined: 8192 }
const get = 'GET / HTTP/1.1\r\nHost: a\r\n'

/** What a request is answered with, however its head is read. */
function statusOf(answer: string): number {
  return Number(/^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1])
}

describe('a request over a limit that was set', () => {
  test.each([
    [414, 'its first line', `GET /${'a'.repeat(1010)} HTTP/1.1\r\nHost: a\r\n\r\n`],
    [414, 'its first line, at the first byte beyond', `GET /${'a'.repeat(1010)} HTTP/1.1`],
    [414, 'its first line, which never ends', `GET /${'a'.repeat(1024)}`],
    [414, 'its first line, otherwise than it should be', `GET /${' '.repeat(1024)}`],
    [431, 'a header line', `${get}A: ${'b'.repeat(2048)}`],
    [431, 'a header line, otherwise than it should be', `${get}A : ${'b'.repeat(2048)}`],
    [431, 'all header lines', `${get}${`A: ${'b'.repeat(1000)}\r\n`.repeat(5)}`],
    [431, 'all header lines, one folded', `${get}A: b\r\n${` ${'b'.repeat(1000)}\r\n`.repeat(5)}`],
  ])('is answered %i: %s', async (status, _, request) => {
    await using origin = await Origin.answering(ok('x'))
    await using serving = await Serving.start([origin], { limits })
    expect(statusOf(await serving.exchange(request))).toBe(status)
  })
})

test('a request just within the limits that were set is served', async () => {
  await using origin = await Origin.answering(ok('x'))
  await using serving = await Serving.start([origin], { limits })
  const line = `A: ${'b'.repeat(2044)}\r\n`
  const request = `GET /${'a'.repeat(1009)} HTTP/1.1\r\nHost: a\r\n${line}Connection: close\r\n\r\n`
  expect(statusOf(await serving.exchange(request))).toBe(200)
})

test.each([
  ['its first line', `HTTP/1.1 200 ${'a'.repeat(1024)}\r\n\r\n`],
  ['a header line', `HTTP/1.1 200 OK\r\nA: ${'b'.repeat(2048)}\r\n\r\n`],
  ['all header lines', `HTTP/1.1 200 OK\r\n${`A: ${'b'.repeat(1000)}\r\n`.repeat(5)}\r\n`],
])('a response over a limit that was set is answered 502: %s', async (_, response) => {
  await using origin = await Origin.answering(response)
  await using serving = await Serving.start([origin], { limits })
  expect(statusOf(await serving.exchange(`${get}Connection: close\r\n\r\n`))).toBe(502)
})

test('what a client sends ahead is held up to the limit that was set', async () => {
  await using origin = await Origin.start()
  await using serving = await Serving.start([origin], { limits })
  await using client = await serving.connect()
  client.send(`${get}\r\n`)
  await origin.peer(0)
  client.send(`${get}A: ${'x'.repeat(1000)}\r\n\r\n`.repeat(5000))
  const bytesIn = () => serving.engine.counters()[0]?.bytesIn ?? 0
  await settled(bytesIn)
  // One read of 80 KiB goes beyond.
  expect(bytesIn()).toBeLessThan(8192 + 81_920 + 100)
})
