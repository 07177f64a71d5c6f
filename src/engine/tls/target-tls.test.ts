import tls from 'node:tls'
import { describe, expect, test } from 'vitest'
import { selfSigned } from '../../../test/support/certificate-authority.ts'
import { eventually, Origin, Peer } from '../../../test/support/peer.ts'
import { RawInstance } from '../../../test/support/raw-instance.ts'
import { ok, Serving, type ServingOptions } from '../../../test/support/serving.ts'
import { keyPair } from '../../../test/support/tls.ts'
import type { Pool } from '../../snapshot/snapshot.ts'
import { usualConnectTimeout } from '../attempts.ts'

const certificate = await selfSigned()
const others = await selfSigned()
const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'

/** Instances that have one of these public keys, or any. */
function encrypted(...publicKeys: string[]): { pool: Partial<Pool> } {
  return { pool: { tls: { publicKeys: publicKeys.length === 0 ? null : publicKeys } } }
}

async function status(serving: Serving): Promise<string> {
  return (await serving.exchange(`GET / HTTP/1.0\r\n\r\n`)).slice(9, 12)
}

describe.each(['handle', 'socket'] as const)('TLS to instances (%s)', (wireKind) => {
  const serve = (origins: Origin[], options: ServingOptions) =>
    Serving.start(origins, { wireKind, ...options })

  test('requests of many clients go through one connection, without a server name', async () => {
    await using origin = await Origin.answering(ok('x'), keyPair(certificate))
    await using serving = await serve([origin], encrypted())
    for (let i = 0; i < 3; i += 1) expect(await status(serving)).toBe('200')
    expect(origin.peers).toHaveLength(1)
    expect(origin.peers[0]?.tls.servername).toBe(false)
    expect(origin.peers[0]?.tls.getProtocol()).toBe('TLSv1.3')
    await serving.untilQuiet(1)
  })

  test('connections of TCP listeners are encrypted too, and half-close', async () => {
    await using origin = await Origin.start(undefined, undefined, keyPair(certificate))
    await using serving = await serve([origin], { protocol: 'tcp', ...encrypted() })
    await using client = await serving.connect()
    client.socket.end('question')
    const peer = await origin.peer(0)
    await peer.untilEnded()
    expect(peer.received).toBe('question')
    peer.socket.end('answer')
    await client.untilEnded()
    expect(client.received).toBe('answer')
    await serving.untilQuiet()
  })

  test('an instance of old is spoken to', async () => {
    const old = {
      maxVersion: 'TLSv1',
      minVersion: 'TLSv1',
      ciphers: 'AES128-SHA:@SECLEVEL=0',
    } as const
    const rsa = await selfSigned({ key: 'RSA-1024' })
    await using origin = await Origin.answering(ok('x'), { ...keyPair(rsa), ...old })
    await using serving = await serve([origin], encrypted())
    expect(await status(serving)).toBe('200')
  })

  test('with public keys, only instances that have one of them get requests', async () => {
    await using origin = await Origin.answering(ok('x'), keyPair(certificate))
    await using good = await serve([origin], encrypted(others.publicKey, certificate.publicKey))
    expect(await status(good)).toBe('200')
    expect(await status(good)).toBe('200')
    await using bad = await serve([origin], encrypted(others.publicKey))
    expect(await status(bad)).toBe('503')
    expect(bad.engine.counters()[0]?.targetConnectErrors).toBe(1)
    expect(origin.peers.at(-1)?.received).toBe('')
    await bad.untilQuiet()
  })

  test('an instance that fails the handshake is passed over', async () => {
    await using plain = await Origin.start((peer) => peer.send('HTTP/1.1 400 Bad Request\r\n\r\n'))
    await using origin = await Origin.answering(ok('x'), keyPair(certificate))
    await using serving = await serve([plain, origin], encrypted())
    for (let i = 0; i < 3; i += 1) expect(await status(serving)).toBe('200')
    expect(serving.engine.counters()[0]?.targetConnectErrors).toBe(1)
  })

  test('an instance that does not finish its handshake in time is passed over', async () => {
    await using silent = await Origin.start()
    await using serving = await serve([silent], encrypted())
    await using client = await serving.connect()
    client.send(get)
    await (await silent.peer(0)).until(/./)
    serving.clock.advance(usualConnectTimeout + 1000)
    await client.until('504')
  })

  test('a change of the keys is in force for the next request, and the connections of before are not used for it', async () => {
    await using origin = await Origin.answering(ok('x'), keyPair(certificate))
    await using serving = await serve([origin], encrypted())
    expect(await status(serving)).toBe('200')
    await serving.apply([origin], {}, encrypted(others.publicKey).pool)
    expect(await status(serving)).toBe('503')
    await serving.apply([origin], {}, encrypted(certificate.publicKey).pool)
    expect(await status(serving)).toBe('200')
    expect(origin.peers[0]?.ended).toBe(true)
    await serving.untilQuiet(1)
  })

  test('a request in flight ends as it began when the keys change', async () => {
    await using origin = await Origin.start(undefined, undefined, keyPair(certificate))
    await using serving = await serve([origin], encrypted())
    await using client = await serving.connect()
    client.send(get)
    const peer = await origin.peer(0)
    await peer.until('\r\n\r\n')
    await serving.apply([origin], {}, encrypted(others.publicKey).pool)
    peer.send(ok('late'))
    await client.until('late')
    await peer.untilEnded()
  })

  test('the session of one connection is resumed by the next', async () => {
    const close = 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n'
    await using origin = await Origin.answering(close, keyPair(certificate))
    await using serving = await serve([origin], encrypted(certificate.publicKey))
    for (let i = 0; i < 3; i += 1) expect(await status(serving)).toBe('200')
    expect(origin.peers.map((peer) => peer.tls.isSessionReused())).toEqual([false, true, true])
  })

  test('large bodies pass both ways', async () => {
    const body = '0123456789'.repeat(200_000)
    await using origin = await Origin.start(
      (peer) => {
        peer.socket.on('data', () => {
          if (peer.received.endsWith(body)) peer.send(ok(body))
        })
      },
      undefined,
      keyPair(certificate),
    )
    await using serving = await serve([origin], encrypted())
    await using client = await serving.connect()
    client.send(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`)
    await client.until((all) => all.length > body.length && all.endsWith(body))
  })

  test('an instance that resets in the middle of its answer resets the client', async () => {
    await using origin = await Origin.start(undefined, undefined, keyPair(certificate))
    await using serving = await serve([origin], encrypted())
    await using client = await serving.connect()
    client.send(get)
    const peer = await origin.peer(0)
    await peer.until('\r\n\r\n')
    peer.send('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome')
    await client.until('some')
    peer.reset()
    await client.untilClosed()
    expect(client.error).toMatchObject({ code: 'ECONNRESET' })
    await serving.untilQuiet()
  })

  test('what ends the client of a TCP listener ends the handshake with its instance', async () => {
    await using silent = await Origin.start()
    await using serving = await serve([silent], { protocol: 'tcp', ...encrypted() })
    const client = await Peer.connect(serving.address, serving.port)
    const peer = await silent.peer(0)
    await peer.until(/./)
    expect(serving.engine.open()).toMatchObject({ clientConnections: 1, targetConnections: 1 })
    await serving.engine[Symbol.asyncDispose]()
    await peer.untilEnded()
    await client[Symbol.asyncDispose]()
  })
})

test('an instance is never spoken to plainly and encrypted through the same connections', async () => {
  const secureContext = tls.createSecureContext(keyPair(certificate))
  await using instance = await RawInstance.listen((tcp) => {
    tcp.once('readable', () => {
      const first = tcp.read() as Buffer
      tcp.unshift(first)
      // The first byte of a handshake.
      const encrypted = first[0] === 22
      const socket = encrypted ? new tls.TLSSocket(tcp, { isServer: true, secureContext }) : tcp
      socket.on('data', () => socket.write(ok(encrypted ? 'encrypted' : 'plain')))
    })
  })
  const place = { host: '127.0.0.1', port: instance.port }
  await using serving = await Serving.start([place])
  expect(await serving.exchange('GET / HTTP/1.0\r\n\r\n')).toContain('plain')
  await serving.apply([place], {}, encrypted().pool)
  expect(await serving.exchange('GET / HTTP/1.0\r\n\r\n')).toContain('encrypted')
  await eventually(() => instance.connections === 1)
})
