import { once } from 'node:events'
import type { ConnectionOptions } from 'node:tls'
import { describe, expect, test } from 'vitest'
import { eventually, Origin, Peer } from '../../../test/support/peer.ts'
import { Reports } from '../../../test/support/reports.ts'
import { ok, Serving, type ServingOptions } from '../../../test/support/serving.ts'
import { snapshotCertificate, usualTls } from '../../../test/support/tls.ts'
import type { ListenerTls, TlsPolicy } from '../../snapshot/snapshot.ts'

const certificate = await snapshotCertificate({ key: 'RSA-2048', names: ['rsa'] })
const other = await snapshotCertificate({ names: ['ec'] })
const certificates = [certificate, other]
const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'

function serve(origin: Origin, options: ServingOptions = {}): Promise<Serving> {
  return Serving.start([origin], { certificates, tls: usualTls(certificate), ...options })
}

function withPolicy(change: Partial<TlsPolicy>): { tls: ListenerTls } {
  const usual = usualTls(certificate)
  return { tls: { ...usual, policy: { ...usual.policy, ...change } } }
}

const errors = (serving: Serving) => serving.engine.counters()[0]?.tlsHandshakeErrors

describe.each(['handle', 'socket'] as const)('TLS of clients (%s)', (wireKind) => {
  test('requests are served, and say that they came by https and to which port', async () => {
    await using origin = await Origin.answering((head) => ok(head))
    await using serving = await serve(origin, { wireKind })
    await using client = await serving.connect()
    client.send(get)
    const answer = await client.until('X-Forwarded-Port')
    expect(answer).toContain('X-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Proto: https\r\n')
    expect(answer).toContain(`X-Forwarded-Port: ${serving.port}\r\n`)
    expect(client.tls.alpnProtocol).toBe(false)
  })

  test('reports say whom a client asked for, whether a certificate is chosen by it or not, and with a resumed session', async () => {
    const observer = new Reports()
    await using origin = await Origin.answering(() => ok('x'))
    const named = { ...usualTls(certificate), sni: [other.id] }
    for (const tls of [usualTls(certificate), named]) {
      await using serving = await serve(origin, { wireKind, observer, tls })
      const ask = async (options: ConnectionOptions) => {
        await using client = await serving.connect(options)
        const session = once(client.tls, 'session')
        client.send(get)
        await client.until('x')
        return (await session)[0] as Buffer
      }
      const session = await ask({ servername: 'www.example.com' })
      await ask({ servername: 'www.example.com', session })
      await ask({})
    }
    const names = observer.exchanges.map(({ client }) => client.serverName)
    const each = ['www.example.com', 'www.example.com', null]
    expect(names).toEqual([...each, ...each])
  })

  test('a client that leaves in the middle of its request is reported with whom it asked for', async () => {
    const observer = new Reports()
    await using origin = await Origin.start()
    await using serving = await serve(origin, { wireKind, observer })
    const client = await serving.connect({ servername: 'www.example.com' })
    client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n')
    await (await origin.peer(0)).until('\r\n\r\n')
    client.socket.destroy()
    await eventually(() => observer.exchanges.length === 1)
    expect(observer.exchanges[0]?.client.serverName).toBe('www.example.com')
  })

  test('a client that stays after its last answer is left after five seconds', async () => {
    await using origin = await Origin.start()
    await using serving = await serve(origin, { wireKind })
    await using client = await serving.connect()
    client.send('GET / HTTP/1.1\r\n\r\n')
    await client.until('HTTP/1.1 400')
    serving.clock.advance(5_300)
    await serving.untilQuiet()
  })

  test('of TCP listeners, bytes are passed on both ways, and each direction ends by itself', async () => {
    await using origin = await Origin.start()
    await using serving = await serve(origin, { wireKind, protocol: 'tcp' })
    await using client = await serving.connect()
    const target = await origin.peer(0)
    target.send('220 the server speaks first\r\n')
    await client.until('first')
    client.socket.end('last words')
    await target.until('last words')
    await target.untilEnded()
    target.socket.end('still heard')
    await client.until('still heard')
    await client.untilEnded()
  })

  test('a target is connected to when the handshake is over, and not before', async () => {
    await using origin = await Origin.start()
    await using serving = await serve(origin, { wireKind, protocol: 'tcp' })
    await using plain = await Peer.connect(serving.address, serving.port)
    plain.send('not TLS at all\r\n')
    await plain.untilEnded()
    expect(origin.peers).toEqual([])
    await serving.untilQuiet()
    expect(errors(serving)).toBe(1)
  })

  test('a client that says nothing, or goes in the middle of its handshake, leaves nothing behind', async () => {
    await using origin = await Origin.start()
    await using serving = await serve(origin, { wireKind })
    await using silent = await Peer.connect(serving.address, serving.port)
    await using slow = await Peer.connect(serving.address, serving.port)
    // The beginning of a ClientHello.
    slow.send('\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03')
    await using hasty = await Peer.connect(serving.address, serving.port)
    hasty.send('\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03')
    await eventually(() => serving.engine.open().clientConnections === 3)
    hasty.reset()
    await eventually(() => serving.engine.open().clientConnections === 2)
    serving.clock.advance(61_000)
    await silent.untilEnded()
    await slow.untilEnded()
    await serving.untilQuiet()
    expect(errors(serving)).toBe(3)
  })

  test('a client that speaks several protocols inside is given http/1.1; of TCP listeners, none', async () => {
    await using origin = await Origin.answering(ok('x'))
    await using serving = await serve(origin, { wireKind })
    await using client = await serving.connect({ ALPNProtocols: ['h2', 'http/1.1'] })
    expect(client.tls.alpnProtocol).toBe('http/1.1')
    await using tcp = await serve(origin, { wireKind, protocol: 'tcp' })
    await using other = await tcp.connect({ ALPNProtocols: ['h2'] })
    expect(other.tls.alpnProtocol).toBe(false)
  })

  test('protocols are those of the policy, holes included', async () => {
    await using origin = await Origin.answering(ok('x'))
    const policy = withPolicy({
      protocols: ['TLSv1', 'TLSv1.2'],
      ciphers: ['TLS_AES_128_GCM_SHA256', 'ECDHE-RSA-AES128-SHA', 'AES128-SHA'],
    })
    await using serving = await serve(origin, { wireKind, ...policy })
    const spoken = async (version: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3') => {
      const only = { minVersion: version, maxVersion: version, ciphers: 'DEFAULT:@SECLEVEL=0' }
      try {
        await using client = await serving.connect(only)
        return client.tls.getProtocol()
      } catch (error) {
        return (error as NodeJS.ErrnoException).code
      }
    }
    expect(await spoken('TLSv1')).toBe('TLSv1')
    // The server offers TLS 1.0 instead.
    expect(await spoken('TLSv1.1')).toBe('ERR_SSL_UNSUPPORTED_PROTOCOL')
    expect(await spoken('TLSv1.2')).toBe('TLSv1.2')
    expect(await spoken('TLSv1.3')).toBe('ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION')
  })

  test('TLS 1.3 is not spoken when the policy does not have it, whatever its ciphers', async () => {
    await using origin = await Origin.answering(ok('x'))
    const policy = withPolicy({ protocols: ['TLSv1.2'] })
    await using serving = await serve(origin, { wireKind, ...policy })
    await using client = await serving.connect()
    expect(client.tls.getProtocol()).toBe('TLSv1.2')
  })

  test('the order of the ciphers is the server’s with serverOrder, else the client’s', async () => {
    await using origin = await Origin.answering(ok('x'))
    const ciphers = ['no-such-cipher', 'ECDHE-RSA-AES256-GCM-SHA384', 'DHE-RSA-AES128-SHA256']
    const mine = {
      maxVersion: 'TLSv1.2' as const,
      ciphers: 'DHE-RSA-AES128-SHA256:ECDHE-RSA-AES256-GCM-SHA384',
    }
    for (const serverOrder of [true, false]) {
      const options = { wireKind, ...withPolicy({ ciphers, serverOrder }) }
      await using serving = await serve(origin, options)
      await using client = await serving.connect(mine)
      expect(client.tls.getCipher().name).toBe(ciphers[serverOrder ? 1 : 2])
    }
  })

  test('a policy with nothing left of it is a failure of the listener, and its handshakes fail', async () => {
    await using origin = await Origin.answering(ok('x'))
    const serving = await serve(origin, { wireKind })
    const nothing = serving.snapshot([origin], withPolicy({ ciphers: ['RC4-SHA', 'foo'] }))
    const failures = await serving.engine.apply(nothing)
    expect(failures).toMatchObject([{ reason: expect.stringContaining('known cipher') }])
    await expect(serving.connect()).rejects.toThrow()
    await serving.apply([origin])
    await using client = await serving.connect()
    client.send(get)
    await client.until('200 OK')
    await serving[Symbol.asyncDispose]()
  })

  test('a certificate that is replaced is shown in new handshakes, and open connections go on', async () => {
    await using origin = await Origin.answering(ok('x'))
    await using serving = await serve(origin, { wireKind })
    await using before = await serving.connect()
    await serving.apply([origin], { tls: usualTls(other) })
    await using after = await serving.connect()
    expect(before.tls.getPeerCertificate().subject.CN).toBe('rsa')
    expect(after.tls.getPeerCertificate().subject.CN).toBe('ec')
    before.send(get)
    await before.until('200 OK')
  })

  test('a listener that is drained in the middle of a handshake closes', async () => {
    await using origin = await Origin.start()
    await using serving = await serve(origin, { wireKind })
    await using client = await Peer.connect(serving.address, serving.port)
    await eventually(() => serving.engine.open().clientConnections === 1)
    await serving.engine.drain()
    await client.untilEnded()
  })

  test('clients that reset around the end of their handshake leave nothing behind', async () => {
    await using origin = await Origin.answering(ok('x'.repeat(50_000)))
    await using serving = await serve(origin, { wireKind })
    const leave = async () => {
      const client = await serving.connect().catch(() => null)
      client?.send(get)
      client?.socket.pause()
      await new Promise((next) => setImmediate(next))
      client?.reset()
      await client?.[Symbol.asyncDispose]()
    }
    for (let round = 0; round < 20; round += 1) {
      await Promise.all(Array.from({ length: 10 }, leave))
    }
    // Node's own sockets do not notice when what OpenSSL says by itself is lost: the idle time-out does.
    if (wireKind === 'socket') serving.clock.advance(200_000)
    await eventually(() => serving.engine.open().clientConnections === 0)
  })

  test('large bodies pass both ways at the pace of who takes them', async () => {
    const body = 'abcdefghij'.repeat(300_000)
    await using origin = await Origin.start((peer) => {
      peer.socket.on('data', () => {
        if (peer.received.length < body.length || !peer.received.endsWith(body)) return
        peer.send(ok(peer.received.slice(-body.length)))
      })
    })
    await using serving = await serve(origin, { wireKind })
    await using client = await serving.connect()
    client.socket.pause()
    client.send(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`)
    for (let i = 0; i < 200; i += 1) await new Promise((next) => setImmediate(next))
    client.socket.resume()
    await client.until((all) => all.length > body.length && all.endsWith(body))
  })

  test('a response that is cut off is a reset for the client', async () => {
    await using origin = await Origin.start((peer) => {
      peer.socket.on('data', () => {
        peer.send('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nnot all')
        peer.socket.end()
      })
    })
    await using serving = await serve(origin, { wireKind })
    await using client = await serving.connect()
    client.send(get)
    await client.untilClosed()
    expect(client.error).toMatchObject({ code: 'ECONNRESET' })
    await serving.untilQuiet()
  })

  test('a client that asked to close gets all of its answer, and then the end of TLS', async () => {
    await using origin = await Origin.answering(ok('y'.repeat(100_000)))
    await using serving = await serve(origin, { wireKind })
    await using client = await serving.connect()
    client.send('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
    await client.untilEnded()
    expect(client.received.endsWith('y'.repeat(100_000))).toBe(true)
    expect(client.error).toBeUndefined()
  })
})
