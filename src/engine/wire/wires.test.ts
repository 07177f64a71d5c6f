import { once } from 'node:events'
import net from 'node:net'
import tls from 'node:tls'
import { describe, expect, test } from 'vitest'
import { selfSigned } from '../../../test/support/certificate-authority.ts'
import { eventually, Origin, Peer } from '../../../test/support/peer.ts'
import { keyPair } from '../../../test/support/tls.ts'
import { type Wire, type WireHandler, type WireKind, writeBound } from './wire.ts'
import { acceptWires, connectWire, secureWire } from './wires.ts'

/** Notes what a wire says. */
class Notes implements WireHandler {
  text = ''
  events: string[] = []
  error: Error | undefined

  connected(): void {
    this.events.push('connected')
  }

  bytes(buffer: Buffer, length: number): void {
    this.text += buffer.toString('latin1', 0, length)
    // What a handler leaves in the buffer must not reach anybody.
    buffer.fill('!', 0, length)
  }

  ended(): void {
    this.events.push('ended')
  }

  drained(): void {
    this.events.push('drained')
  }

  closed(error: Error | undefined): void {
    this.events.push('closed')
    this.error = error
  }
}

interface Ends extends AsyncDisposable {
  wire: Wire
  notes: Notes
  peer: Peer
}

async function accepted(path: WireKind): Promise<Ends> {
  const notes = new Notes()
  const wires: Wire[] = []
  const server = net.createServer({ allowHalfOpen: true, pauseOnConnect: true })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  acceptWires(server, path, (wire) => {
    wire.handler = notes
    wires.push(wire)
  })
  const peer = await Peer.connect('127.0.0.1', (server.address() as net.AddressInfo).port)
  await eventually(() => wires.length === 1)
  const wire = wires[0] as Wire
  const dispose = async () => {
    wire.destroy()
    await peer[Symbol.asyncDispose]()
    server.close()
    await once(server, 'close')
  }
  return { wire, notes, peer, [Symbol.asyncDispose]: dispose }
}

async function connected(path: WireKind): Promise<Ends> {
  const origin = await Origin.start()
  const notes = new Notes()
  const wire = connectWire('127.0.0.1', origin.port, notes, path)
  const peer = await origin.peer(0)
  await eventually(() => notes.events.includes('connected'))
  notes.events = []
  const dispose = async () => {
    wire.destroy()
    await origin[Symbol.asyncDispose]()
  }
  return { wire, notes, peer, [Symbol.asyncDispose]: dispose }
}

const certificate = keyPair(await selfSigned())
const context = tls.createSecureContext(certificate)

async function acceptedTls(path: WireKind): Promise<Ends> {
  const notes = new Notes()
  const wires: Wire[] = []
  const server = net.createServer({ allowHalfOpen: true, pauseOnConnect: true })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  acceptWires(server, path, (tcp) => {
    const credentials = { context, staple: null, certificate: null }
    const wire = secureWire(tcp, {
      side: 'server',
      credentials,
      shown: credentials,
      byName: null,
      alpn: [],
      olderAlpn: null,
      asksCertificate: false,
    })
    wire.handler = notes
    wires.push(wire)
  })
  const { port } = server.address() as net.AddressInfo
  const peer = await Peer.connectTls('127.0.0.1', port)
  await eventually(() => notes.events.includes('connected'))
  notes.events = []
  const wire = wires[0] as Wire
  const dispose = async () => {
    wire.destroy()
    await peer[Symbol.asyncDispose]()
    server.close()
    await once(server, 'close')
  }
  return { wire, notes, peer, [Symbol.asyncDispose]: dispose }
}

async function connectedTls(path: WireKind): Promise<Ends> {
  const origin = await Origin.start(() => {}, '127.0.0.1', certificate)
  const notes = new Notes()
  const wire = connectWire('127.0.0.1', origin.port, notes, path, {
    side: 'client',
    context: tls.createSecureContext(),
    session: null,
    keepSession: () => {},
    accepts: null,
  })
  const peer = await origin.peer(0)
  // Behind it, the tickets have been read too: closing with something unread is a reset.
  peer.send('first')
  await eventually(() => notes.text === 'first')
  notes.text = ''
  notes.events = []
  const dispose = async () => {
    wire.destroy()
    await origin[Symbol.asyncDispose]()
  }
  return { wire, notes, peer, [Symbol.asyncDispose]: dispose }
}

describe.each([
  ['accepted', 'handle', accepted],
  ['accepted', 'socket', accepted],
  ['connected', 'handle', connected],
  ['connected', 'socket', connected],
  ['accepted TLS', 'handle', acceptedTls],
  ['accepted TLS', 'socket', acceptedTls],
  ['connected TLS', 'handle', connectedTls],
  ['connected TLS', 'socket', connectedTls],
] as const)('an %s wire (%s)', (_, path, open) => {
  test('carries every byte both ways', async () => {
    await using ends = await open(path)
    const bytes = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte)).join('')
    ends.peer.send(bytes.repeat(2000))
    await eventually(() => ends.notes.text.length === 512_000)
    expect(ends.notes.text === bytes.repeat(2000)).toBe(true)
    ends.wire.writeText(bytes)
    const buffer = Buffer.from(`..${bytes.repeat(1000)}..`, 'latin1')
    ends.wire.writeBytes(buffer, 2, buffer.length - 2)
    ends.wire.writeBytes(buffer, 2, 258)
    buffer.fill('!')
    await ends.peer.until((all) => all.length === 256 * 1002)
    expect(ends.peer.received === bytes.repeat(1002)).toBe(true)
    const { localPort: port } = ends.peer.socket
    expect(ends.wire.remote).toEqual({ address: '127.0.0.1', port })
  })

  test.each([1000, 100_000])('writes %i bytes with text around them as one', async (length) => {
    await using ends = await open(path)
    const buffer = Buffer.from(`..${'\xe4'.repeat(length)}..`, 'latin1')
    ends.wire.writeFramed('<\xe5', buffer, 2, buffer.length - 2, '\xe6>')
    buffer.fill('!')
    await ends.peer.until('>')
    expect(ends.peer.received === `<\xe5${'\xe4'.repeat(length)}\xe6>`).toBe(true)
  })

  test('ends each direction by itself', async () => {
    await using ends = await open(path)
    ends.peer.socket.end('last')
    await eventually(() => ends.notes.events.includes('ended'))
    expect(ends.notes.text).toBe('last')
    ends.wire.writeText('still')
    await ends.peer.until('still')
    ends.wire.end()
    await ends.peer.untilEnded()
    await eventually(() => ends.notes.events.includes('closed'))
    expect(ends.notes.events).toEqual(['ended', 'closed'])
    expect(ends.notes.error).toBeUndefined()
  })

  test('goes on reading after its own end', async () => {
    await using ends = await open(path)
    ends.wire.end()
    await ends.peer.untilEnded()
    ends.peer.socket.end('answer')
    await eventually(() => ends.notes.events.includes('closed'))
    expect(ends.notes.text).toBe('answer')
  })

  test('reads nothing while paused, not even the end, and all of it after', async () => {
    await using ends = await open(path)
    ends.wire.pause()
    ends.wire.pause()
    await new Promise((next) => setImmediate(next))
    ends.peer.socket.end('waiting')
    for (let i = 0; i < 50; i += 1) await new Promise((next) => setImmediate(next))
    expect([ends.notes.text, ends.notes.events]).toEqual(['', []])
    ends.wire.resume()
    await eventually(() => ends.notes.events.includes('ended'))
    expect(ends.notes.text).toBe('waiting')
  })

  test('stays paused when it is paused right after it was resumed', async () => {
    await using ends = await open(path)
    ends.wire.pause()
    ends.wire.resume()
    ends.wire.pause()
    ends.peer.send('waiting')
    for (let i = 0; i < 50; i += 1) await new Promise((next) => setImmediate(next))
    expect(ends.notes.text).toBe('')
    ends.wire.resume()
    await eventually(() => ends.notes.text === 'waiting')
  })

  test('says when it takes no more, and when it does again', async () => {
    await using ends = await open(path)
    ends.peer.socket.pause()
    const piece = Buffer.alloc(writeBound)
    while (ends.wire.writeBytes(piece, 0, piece.length));
    expect(ends.wire.full).toBe(true)
    expect(ends.notes.events).toEqual([])
    ends.peer.socket.resume()
    await eventually(() => ends.notes.events.includes('drained'))
    expect(ends.wire.full).toBe(false)
  })

  test('reset is noticed by the peer as such, and destroy is not', async () => {
    await using reset = await open(path)
    reset.wire.reset()
    await reset.peer.untilClosed()
    expect(reset.peer.error).toMatchObject({ code: 'ECONNRESET' })
    await eventually(() => reset.notes.events.includes('closed'))
    await using destroyed = await open(path)
    destroyed.wire.destroy()
    await destroyed.peer.untilEnded()
    expect(destroyed.peer.error).toBeUndefined()
  })

  test('a peer that resets is an error; everything after is a no-op', async () => {
    await using ends = await open(path)
    ends.peer.reset()
    await eventually(() => ends.notes.events.includes('closed'))
    expect(ends.notes.events).toEqual(['closed'])
    expect(ends.notes.error).toMatchObject({ code: 'ECONNRESET' })
    ends.wire.writeText('x')
    ends.wire.pause()
    ends.wire.resume()
    ends.wire.end()
    ends.wire.reset()
    ends.wire.destroy()
    for (let i = 0; i < 10; i += 1) await new Promise((next) => setImmediate(next))
    expect(ends.notes.events).toEqual(['closed'])
  })

  test('a reset while the end waits for the peer to read still closes', async () => {
    await using ends = await open(path)
    ends.peer.socket.pause()
    const piece = Buffer.alloc(writeBound)
    while (ends.wire.writeBytes(piece, 0, piece.length));
    ends.wire.end()
    ends.wire.reset()
    await eventually(() => ends.notes.events.includes('closed'))
  })
})

test.each(['handle', 'socket'] as const)(
  'a refused connection closes with its error (%s)',
  async (path) => {
    const notes = new Notes()
    connectWire('127.255.255.254', 9, notes, path)
    await eventually(() => notes.events.includes('closed'))
    expect(notes.events).toEqual(['closed'])
    expect(notes.error).toMatchObject({ code: 'ECONNREFUSED' })
  },
)
