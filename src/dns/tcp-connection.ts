// biome-ignore lint/style/noRestrictedImports: DNS over TCP is a raw protocol of its own, apart from the traffic of load balancers.
import type { Socket } from 'node:net'
import type { Clock } from '../std/clock.ts'

/** Milliseconds without a complete query after which a connection is closed (RFC 7766, section 6.2.3: "a few seconds"). */
export const idleTimeout = 10_000

const lengthBytes = 2

/**
 * Answers the queries of one connection (RFC 7766): each message has its length in two bytes before it, several may come in one
 * segment or one in several. A client that does not read its answers is not read from either.
 */
export function serveTcpConnection(
  socket: Socket,
  respond: (packet: Buffer) => Buffer | undefined,
  clock: Clock,
): void {
  const close = () => socket.destroy()
  let idle = clock.after(idleTimeout, close)
  let received: Buffer = Buffer.alloc(0)

  socket.on('data', (chunk: Buffer) => {
    const { messages, rest } = splitMessages(Buffer.concat([received, chunk]))
    received = rest
    if (messages.length === 0) return
    idle.cancel()
    idle = clock.after(idleTimeout, close)
    const responses = messages.map(respond).filter((response) => response !== undefined)
    const flushed = socket.write(Buffer.concat(responses.map(withLength)))
    if (!flushed) socket.pause()
  })
  socket.on('drain', () => socket.resume())
  socket.on('close', () => idle.cancel())
  // A reset by the client: 'close' follows, nobody else is concerned.
  socket.on('error', close)
}

function splitMessages(bytes: Buffer): { messages: Buffer[]; rest: Buffer } {
  const messages: Buffer[] = []
  let rest = bytes
  while (rest.length >= lengthBytes) {
    const end = lengthBytes + rest.readUInt16BE(0)
    if (rest.length < end) break
    messages.push(rest.subarray(lengthBytes, end))
    rest = rest.subarray(end)
  }
  return { messages, rest }
}

function withLength(message: Buffer): Buffer {
  const length = Buffer.alloc(lengthBytes)
  length.writeUInt16BE(message.length)
  return Buffer.concat([length, message])
}
