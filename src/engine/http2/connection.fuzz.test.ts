/** Whatever a client sends, the engine goes on: bounded, and repeatable by the seed that a failure names. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  blockText,
  FramePeer,
  frameText,
  getRoot,
  postTo,
  serveHttp2,
} from '../../../test/support/http2.ts'
import { eventually, Origin } from '../../../test/support/peer.ts'
import { frame } from './frames.ts'

const types = [...Object.values(frame), 10, 255]
const blocks = [blockText(getRoot), blockText(postTo('/')), blockText([['a', 'b']]), '\x82', '']
const answers = [
  'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nA: b\r\n\r\n',
  'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n',
  'HTTP/1.1 200 OK\r\n\r\nuntil it closes',
  'HTTP/1.1 101 Switching Protocols\r\nUpgrade: a\r\nConnection: upgrade\r\n\r\n',
  'nonsense',
]

const bytes = fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array).toString('latin1'))

/** Mostly of few streams, with payloads that could be. */
const anyFrame = fc
  .tuple(
    fc.constantFrom(...types),
    fc.oneof(fc.constantFrom(0, 1, 4, 5), fc.nat(255)),
    fc.oneof(fc.constantFrom(0, 1, 3, 5, 7, 9), fc.nat(0x7fff_ffff)),
    fc.oneof(fc.constantFrom(...blocks), bytes, fc.constantFrom('\0\0\0\x08', '12345678')),
  )
  .map((parts) => frameText(...parts))

/** What a client could send, for a part of the way. */
const sensible = fc
  .tuple(fc.nat(5), fc.constantFrom(1, 4, 5), fc.constantFrom(...blocks.slice(0, 2)))
  .map(([i, flags, block]) => frameText(frame.headers, flags, 2 * i + 1, block))

test('any frames at all are served or refused, and others are served after', async () => {
  let count = 0
  await using origin = await Origin.answering(() => {
    count += 1
    return answers[count % answers.length] as string
  })
  await using steady = await Origin.answering('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine')
  await using serving = await serveHttp2([origin])
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(anyFrame, sensible), { minLength: 1, maxLength: 30 }),
      fc.boolean(),
      async (frames, resets) => {
        await using client = await FramePeer.connect(serving)
        for (const each of frames) client.peer.send(each)
        await client.until(frame.settings)
        if (resets) client.peer.reset()
      },
    ),
    { numRuns: 150 },
  )
  await eventually(() => serving.engine.open().clientConnections === 0)
  await serving.apply([steady])
  await using client = await FramePeer.connect(serving)
  expect((await client.response(client.request(getRoot))).body).toBe('fine')
})
