/** A WebSocket through an HTTP listener: Node's own client, and an echo by hand (RFC 6455). */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { expect, test } from 'vitest'
import { RawInstance } from '../support/raw-instance.ts'
import { Serving } from '../support/serving.ts'

const guid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

/** The handshake, then every frame back unmasked, with its opcode: text, binary, and the close with its code. */
function echo(socket: Socket): void {
  let held: Buffer = Buffer.alloc(0)
  let open = false
  socket.on('data', (chunk: Buffer) => {
    held = Buffer.concat([held, chunk])
    if (!open) {
      const key = /sec-websocket-key: (\S+)\r\n[\s\S]*\r\n\r\n/i.exec(held.toString('latin1'))?.[1]
      if (key === undefined) return
      open = true
      held = Buffer.alloc(0)
      const accept = createHash('sha1')
        .update(key + guid)
        .digest('base64')
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
      )
    }
    for (let size = frameSize(held); size > 0 && held.length >= size; size = frameSize(held)) {
      socket.write(unmasked(held.subarray(0, size)))
      if (((held[0] as number) & 15) === 8) socket.end()
      held = held.subarray(size)
    }
  })
}

/** Where the mask of a frame begins (RFC 6455, section 5.2). */
function maskAt(frame: Buffer): number {
  const length = (frame[1] as number) & 127
  return length === 127 ? 10 : length === 126 ? 4 : 2
}

/** The whole size of the frame that begins here; 0 while that is not known. */
function frameSize(bytes: Buffer): number {
  if (bytes.length < 2 || bytes.length < maskAt(bytes)) return 0
  const at = maskAt(bytes)
  const short = (bytes[1] as number) & 127
  const length =
    at === 10 ? Number(bytes.readBigUInt64BE(2)) : at === 4 ? bytes.readUInt16BE(2) : short
  return at + 4 + length
}

function unmasked(frame: Buffer): Buffer {
  const at = maskAt(frame)
  const mask = frame.subarray(at, at + 4)
  const head = Buffer.from(frame.subarray(0, at))
  head[1] = (head[1] as number) & 127
  const data = Buffer.from(frame.subarray(at + 4))
  for (let i = 0; i < data.length; i += 1) data[i] = (data[i] as number) ^ (mask[i % 4] as number)
  return Buffer.concat([head, data])
}

test('a WebSocket carries small messages and 1 MB ones, and closes with its code', async () => {
  await using instance = await RawInstance.listen(echo)
  await using serving = await Serving.start([{ host: '127.0.0.1', port: instance.port }])
  const socket = new WebSocket(`ws://${serving.address}:${serving.port}/`)
  socket.binaryType = 'arraybuffer'
  await once(socket, 'open')
  for (const message of ['a', 'b'.repeat(200), 'c'.repeat(70_000), 'd'.repeat(1_048_576)]) {
    socket.send(message)
    const [event] = (await once(socket, 'message')) as [MessageEvent]
    expect(event.data === message).toBe(true)
  }
  const bytes = Buffer.alloc(1_048_576, 'xyz')
  socket.send(bytes)
  const [event] = (await once(socket, 'message')) as [MessageEvent]
  expect(bytes.equals(Buffer.from(event.data))).toBe(true)
  socket.close(4000, 'done')
  const [closed] = (await once(socket, 'close')) as [CloseEvent]
  expect([closed.code, closed.reason, closed.wasClean]).toEqual([4000, 'done', true])
  await serving.untilQuiet()
})
