/** Clients that mean ill, or are broken: what they do costs them their connection, and nobody else anything. */
import { once } from 'node:events'
import net from 'node:net'
import type { ConnectionOptions } from 'node:tls'
import { describe, expect, test } from 'vitest'
import { eventually, Origin, Peer } from '../../../test/support/peer.ts'
import { ok, Serving, type ServingOptions } from '../../../test/support/serving.ts'
import { snapshotCertificate, usualTls } from '../../../test/support/tls.ts'

const certificate = await snapshotCertificate()
const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'

function serve(origin: Origin, options: ServingOptions = {}): Promise<Serving> {
  return Serving.start([origin], {
    certificates: [certificate],
    tls: usualTls(certificate),
    ...options,
  })
}

async function isServed(serving: Serving, options: ConnectionOptions = {}): Promise<void> {
  await using client = await serving.connect(options)
  client.send(get)
  await client.until('200 OK')
}

const errors = (serving: Serving) => serving.engine.counters()[0]?.tlsHandshakeErrors

/** One record of TLS (RFC 8446, section 5.1), latin1. */
function record(type: number, content: string, length = content.length): string {
  return String.fromCharCode(type, 3, 1, length >> 8, length & 255) + content
}

const [changeCipherSpec, alert, handshake, applicationData, heartbeat] = [20, 21, 22, 23, 24]

/** The beginning of a ClientHello that claims as much as a message can have. */
const hugeHello = `\x01\xff\xff\xff\x03\x03${'r'.repeat(32)}\x00`

const openings: Record<string, string> = {
  'plain HTTP': get,
  'the HTTP/2 preface': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'zero bytes': '\0'.repeat(100_000),
  'bytes at random': Array.from({ length: 10_000 }, (_, i) =>
    String.fromCharCode((i * i * 7919 + i * 104_729) % 251),
  ).join(''),
  'a hello of SSL 2.0': `\x80\x1c\x01\x00\x02\x00\x03\x00\x00\x00\x10\x01\x00\x80${'c'.repeat(16)}`,
  'records of nothing': record(handshake, '').repeat(10_000),
  'a record longer than records are': record(handshake, 'x'.repeat(20_000), 0xff_ff),
  'a message that does not end': record(handshake, hugeHello).concat(
    record(handshake, '\0'.repeat(16_384)).repeat(40),
  ),
  'changes of the cipher first': record(changeCipherSpec, '\x01').repeat(10_000),
  'application data first': record(applicationData, get),
  'alerts first': record(alert, '\x01\x00').repeat(1000),
  'a heartbeat first': record(heartbeat, `\x01\x40\x00${'x'.repeat(30)}`),
  'a ServerHello': record(handshake, `\x02\x00\x00\x26\x03\x03${'r'.repeat(36)}`),
}

interface Cut {
  /** After that many bytes, */
  readonly bytes: number
  /** sent by this side, */
  readonly from: 'client' | 'server'
  /** the client's side ends so. */
  readonly how: 'end' | 'reset'
}

function* cuts(): Generator<Cut> {
  for (const how of ['end', 'reset'] as const) {
    for (const from of ['client', 'server'] as const) {
      for (let bytes = 1; bytes < 1200; bytes += 37) yield { bytes, from, how }
    }
  }
}

/** One request, or as much of it as can be. */
async function attempt(port: number, maxVersion: 'TLSv1.2' | 'TLSv1.3'): Promise<void> {
  try {
    await using client = await Peer.connectTls('127.0.0.1', port, { maxVersion })
    client.send(get)
    await eventually(() => client.ended || client.closed || client.received.includes('200 OK'))
  } catch {
    // Cut in the handshake.
  }
}

/** Between a client and the listener. */
async function cuttingRelay(serving: Serving, { bytes, from: side, how }: Cut) {
  const server = net.createServer((client) => {
    const engine = net.connect(serving.port, serving.address)
    const [counted, other] = side === 'client' ? [client, engine] : [engine, client]
    let left = bytes
    counted.on('data', (chunk: Buffer) => {
      if (left <= 0) return
      other.write(chunk.subarray(0, left))
      left -= chunk.length
      if (left > 0) return
      if (how === 'end') engine.destroy()
      else engine.resetAndDestroy()
    })
    other.on('data', (chunk: Buffer) => counted.write(chunk))
    client.on('error', () => {}).on('close', () => engine.destroy())
    engine.on('error', () => {}).on('close', () => client.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as net.AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      server.close()
      await once(server, 'close')
    },
  }
}

describe.each(['handle', 'socket'] as const)('hostile clients of TLS (%s)', (wireKind) => {
  test.each(Object.keys(openings))(
    '%s: the connection is closed, and nothing is left of it',
    async (what) => {
      await using origin = await Origin.answering(ok('x'))
      await using serving = await serve(origin, { wireKind })
      await using client = await Peer.connect(serving.address, serving.port)
      client.send(openings[what] ?? '')
      await client.untilEnded()
      await serving.untilQuiet()
      expect(errors(serving)).toBe(1)
      expect(origin.peers).toEqual([])
      await isServed(serving)
    },
  )

  test.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'a connection (%s) that is cut at any byte of its handshake or its request leaves nothing behind',
    async (maxVersion) => {
      await using origin = await Origin.answering(ok('x'))
      await using serving = await serve(origin, { wireKind })
      for (const cut of cuts()) {
        await using relay = await cuttingRelay(serving, cut)
        await attempt(relay.port, maxVersion)
      }
      await isServed(serving)
      // A connection to the target waits for the next request.
      await serving.untilQuiet(serving.engine.open().targetConnections)
    },
    30_000,
  )

  test('a client that asks for another handshake (TLS 1.2) is not given one', async () => {
    await using origin = await Origin.answering(ok('x'))
    await using serving = await serve(origin, { wireKind })
    await using client = await serving.connect({ maxVersion: 'TLSv1.2' })
    client.send(get)
    await client.until('200 OK')
    client.tls.renegotiate({ rejectUnauthorized: false }, () => {})
    await client.untilEnded()
    expect(client.error).toMatchObject({ code: 'ERR_SSL_NO_RENEGOTIATION' })
    await isServed(serving)
  })

  test('a client whose first keys are of a kind that the server lacks is asked again (TLS 1.3), and served', async () => {
    await using origin = await Origin.answering(ok('x'))
    await using serving = await serve(origin, { wireKind })
    const minVersion = 'TLSv1.3'
    await isServed(serving, { minVersion, ecdhCurve: 'ffdhe4096:P-256' })
    await expect(isServed(serving, { minVersion, ecdhCurve: 'ffdhe4096' })).rejects.toThrow()
  })

  test('a client that sends its first messages byte by byte is served', async () => {
    await using origin = await Origin.answering(ok('x'))
    await using serving = await serve(origin, { wireKind })
    const relay = net.createServer((client) => {
      const engine = net.connect({ port: serving.port, host: serving.address, noDelay: true })
      client.on('data', (chunk: Buffer) => {
        for (const byte of chunk) engine.write(Buffer.of(byte))
      })
      engine.pipe(client)
      client.once('close', () => engine.destroy())
    })
    relay.listen(0, '127.0.0.1')
    await once(relay, 'listening')
    {
      const { port } = relay.address() as net.AddressInfo
      await using client = await Peer.connectTls('127.0.0.1', port)
      client.send(get)
      await client.until('200 OK')
    }
    relay.close()
    await once(relay, 'close')
  })

  test('a client that ends TLS after its request gets its answer, however long', async () => {
    const body = 'y'.repeat(3_000_000)
    await using origin = await Origin.answering(ok(body))
    await using serving = await serve(origin, { wireKind })
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      await using client = await serving.connect({ maxVersion })
      client.send(get)
      client.socket.end()
      await client.untilEnded()
      expect(client.received.length).toBeGreaterThan(body.length)
    }
  })

  test('a record that does not open ends the connection', async () => {
    await using origin = await Origin.answering(ok('x'))
    await using serving = await serve(origin, { wireKind })
    for (const bytes of ['garbage '.repeat(1000), record(applicationData, 'x'.repeat(64))]) {
      await using client = await serving.connect()
      client.send(get)
      await client.until('200 OK')
      client.sendRaw(bytes)
      await client.untilEnded()
    }
  })
})
