/** What clients could send without end, or to no purpose: it costs them their connection, and nobody else anything. */
import { describe, expect, test } from 'vitest'
import {
  blockText,
  FramePeer,
  frameText,
  getRoot,
  postTo,
  serveHttp2,
  uint32,
} from '../../../test/support/http2.ts'
import { eventually, Origin } from '../../../test/support/peer.ts'
import { ok, type Serving } from '../../../test/support/serving.ts'
import { errorCode, flag, frame } from './frames.ts'

const { headers, continuation, data, rstStream, settings, ping, priority, windowUpdate } = frame
const whole = flag.endHeaders | flag.endStream
const get = blockText(getRoot)
const post = blockText(postTo('/'))

/** Sends what `frames` says of each number, as fast as it is taken, until the connection ends. @returns the error code of GOAWAY */
async function flood(
  client: FramePeer,
  count: number,
  frames: (i: number) => string,
): Promise<number> {
  const { socket } = client.peer
  let next = 0
  const feed = () => {
    let takes = true
    while (takes && next < count && socket.writable) {
      let bytes = ''
      for (let end = Math.min(count, next + 100); next < end; next += 1) bytes += frames(next)
      takes = socket.write(bytes, 'latin1')
    }
  }
  socket.on('drain', feed)
  feed()
  const { payload } = await client.until(frame.goaway)
  return payload.readUInt32BE(4)
}

/** That others are served meanwhile, and that nothing is left of it. */
async function expectUnharmed(serving: Serving): Promise<void> {
  await using other = await FramePeer.connect(serving)
  expect((await other.response(other.request(getRoot))).body).toBe('fine')
}

const stream = (i: number) => 2 * i + 1

test.each<[string, (i: number) => string]>([
  [
    'rapid resets',
    (i) =>
      frameText(headers, whole, stream(i), get) + frameText(rstStream, 0, stream(i), uint32(8)),
  ],
  [
    'requests that are malformed',
    (i) => frameText(headers, whole, stream(i), `${get}${blockText([['connection', 'a']])}`),
  ],
  [
    'requests that it makes us reset',
    (i) =>
      frameText(headers, flag.endHeaders, stream(i), post) +
      frameText(windowUpdate, 0, stream(i), uint32(0)),
  ],
  [
    'requests beyond those allowed at once',
    (i) => frameText(headers, flag.endHeaders, stream(i), post),
  ],
  ['pings', () => frameText(ping, 0, 0, '12345678')],
  ['settings', () => frameText(settings, 0, 0)],
  ['priorities', (i) => frameText(priority, 0, stream(i), '12345')],
  ['frames that nobody knows', () => frameText(99, 0, 0)],
  [
    'data without data',
    (i) => (i === 0 ? frameText(headers, flag.endHeaders, 1, post) : '') + frameText(data, 0, 1),
  ],
  [
    'padding without data',
    (i) =>
      (i === 0 ? frameText(headers, flag.endHeaders, 1, post) : '') +
      frameText(data, flag.padded, 1, '\0'),
  ],
])('100,000 %s end the connection', async (_, frames) => {
  await using origin = await Origin.answering((head) => (head.startsWith('GET') ? ok('fine') : ''))
  await using serving = await serveHttp2([origin])
  await using client = await FramePeer.connect(serving)
  expect(await flood(client, 100_000, frames)).toBe(errorCode.enhanceYourCalm)
  expect(serving.engine.counters()[0]?.requests).toBeLessThan(1200)
  await expectUnharmed(serving)
})

test('who gives up a request now and then goes on', async () => {
  await using origin = await Origin.answering(ok('fine'))
  await using serving = await serveHttp2([origin])
  await using client = await FramePeer.connect(serving)
  for (let second = 0; second < 100; second += 1) {
    for (let i = 0; i < 30; i += 1) {
      client.frame(rstStream, 0, client.request(postTo('/'), false), uint32(8))
    }
    serving.clock.advance(1000)
    expect((await client.response(client.request(getRoot))).body).toBe('fine')
  }
})

describe('a block without an end ends the connection', () => {
  test.each([
    ['in large frames', 'a'.repeat(16_000)],
    ['in empty frames', ''],
  ])('%s', async (_, payload) => {
    await using origin = await Origin.answering(ok('fine'))
    await using serving = await serveHttp2([origin])
    await using client = await FramePeer.connect(serving)
    client.frame(headers, flag.endStream, 1, get)
    const code = await flood(client, 100_000, () => frameText(continuation, 0, 1, payload))
    expect(code).toBe(errorCode.enhanceYourCalm)
    await expectUnharmed(serving)
  })
})

test('a block that grows beyond all bounds when it is decoded is answered 431', async () => {
  await using origin = await Origin.answering(ok('fine'))
  await using serving = await serveHttp2([origin])
  await using client = await FramePeer.connect(serving)
  // A field of 4,000 bytes that is remembered, then 60,000 references to it, of a byte each.
  const field = `\x40\x01a\x7f\xa1\x1e${'b'.repeat(4000)}`
  const stream = client.nextStream()
  client.frame(headers, flag.endStream, stream, `${get}${field}`)
  for (let i = 0; i < 4; i += 1) client.frame(continuation, 0, stream, '\xbe'.repeat(15_000))
  client.frame(continuation, flag.endHeaders, stream)
  expect((await client.response(stream)).fields[0]).toBe(':status: 431')
  expect((await client.response(client.request(getRoot))).body).toBe('fine')
})

test('one request that many wait behind is not held up by those that are given up', async () => {
  await using origin = await Origin.start()
  await using serving = await serveHttp2([origin], { pool: { maxConnections: 1 } })
  await using client = await FramePeer.connect(serving)
  const first = client.request(getRoot)
  const target = await origin.peer(0)
  for (let i = 0; i < 50; i += 1) {
    client.frame(rstStream, 0, client.request(getRoot), uint32(8))
  }
  const last = client.request(getRoot)
  await eventually(() => serving.engine.counters()[0]?.surgeQueueLength === 1)
  target.send(ok('one'))
  await client.response(first)
  await target.until(/GET[\s\S]*GET/)
  target.send(ok('two'))
  expect((await client.response(last)).body).toBe('two')
})
