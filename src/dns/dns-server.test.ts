import { execFile, spawnSync } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { promisify } from 'node:util'
import { type DecodedPacket, decode, encode, streamEncode } from 'dns-packet'
import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../test/support/manual-clock.ts'
import { createLogger } from '../telemetry/logger.ts'
import { type DnsServer, maxTcpConnections, startDnsServer } from './dns-server.ts'
import { idleTimeout } from './tcp-connection.ts'
import type { Addresses } from './zone.ts'

const apex = 'us-west-2.elb.example.com'
const name = `my-lb-1234567890.${apex}`
const hosts: Readonly<Record<string, Addresses>> = {
  [name]: { ipv4: ['127.16.0.5', '127.16.16.5'], ipv6: ['fd00::5'] },
  [`huge-1.${apex}`]: { ipv4: Array.from({ length: 200 }, (_, n) => `127.16.0.${n}`), ipv6: [] },
}

describe('The DNS server', () => {
  it('answers over UDP', async () => {
    await using server = await start()
    const { id, answers } = await askUdp(server, query(1, name))
    expect(id).toBe(1)
    expect(answers).toMatchObject([{ type: 'A' }, { type: 'A' }])
  })

  it('answers over UDP and TCP on the same port, also with IPv6', async (context) => {
    const starting = start({ host: '::1' })
    if (!(await starting.then(() => true, isUnavailable))) context.skip('this machine has no ::1')
    await using server = await starting
    expect((await askUdp(server, query(1, name))).answers).toHaveLength(2)
    using client = await connectTo(server)
    client.socket.write(framed(2, name))
    expect((await client.next()).answers).toHaveLength(2)
  })

  it('marks what does not fit over UDP, and gives all of it over TCP', async () => {
    await using server = await start()
    expect(await askUdp(server, query(1, `huge-1.${apex}`))).toMatchObject({ flag_tc: true })
    using client = await connectTo(server)
    client.socket.write(framed(2, `huge-1.${apex}`))
    const response = await client.next()
    expect(response).toMatchObject({ id: 2, flag_tc: false })
    expect(response.answers).toHaveLength(200)
  })

  it('answers several queries on one connection, in order', async () => {
    await using server = await start()
    using client = await connectTo(server)
    client.socket.write(Buffer.concat([framed(1, name), framed(2, 'example.net'), framed(3, apex)]))
    expect([await client.next(), await client.next(), await client.next()]).toMatchObject([
      { id: 1, rcode: 'NOERROR' },
      { id: 2, rcode: 'REFUSED' },
      { id: 3, rcode: 'NOERROR' },
    ])
    client.socket.write(framed(4, name))
    expect(await client.next()).toMatchObject({ id: 4 })
  })

  it('puts a query together however it is split', async () => {
    await using server = await start()
    using client = await connectTo(server)
    const bytes = Buffer.concat([framed(1, name), framed(2, name)])
    for (const byte of bytes) {
      await new Promise((resolve) => client.socket.write(Buffer.from([byte]), resolve))
    }
    expect(await client.next()).toMatchObject({ id: 1 })
    expect(await client.next()).toMatchObject({ id: 2 })
  })

  it('answers a client that has already closed its side', async () => {
    await using server = await start()
    using client = await connectTo(server)
    client.socket.end(framed(1, name))
    expect(await client.next()).toMatchObject({ id: 1 })
    await client.closed
  })

  it('closes a connection on which no whole query came for some seconds', async () => {
    const clock = new ManualClock()
    await using server = await start({ clock })
    using client = await connectTo(server)
    client.socket.write(framed(1, name))
    await client.next()
    clock.advance(idleTimeout - 1)
    client.socket.write(framed(2, name))
    await client.next()
    clock.advance(idleTimeout - 1)
    expect(client.socket.closed).toBe(false)
    clock.advance(1)
    await client.closed
    expect(clock.pending).toBe(0)
  })

  it('takes a bounded number of connections, and new ones when others have ended', async () => {
    await using server = await start()
    const clients = await Promise.all(
      Array.from({ length: maxTcpConnections }, () => connectTo(server)),
    )
    for (const { socket } of clients) socket.write(framed(1, name))
    for (const client of clients) await client.next()
    using refused = await connectTo(server)
    await refused.closed

    clients[0]?.socket.write(framed(2, name))
    expect(await clients[0]?.next()).toMatchObject({ id: 2 })
    for (const client of clients) client[Symbol.dispose]()
    await Promise.all(clients.map(({ closed }) => closed))
    await expect.poll(() => answersOverTcp(server)).toBe(true)
  })

  it('leaves no connection and no timer behind when it is stopped', async () => {
    const clock = new ManualClock()
    const server = await start({ clock })
    using client = await connectTo(server)
    client.socket.write(framed(1, name))
    await client.next()
    await server[Symbol.asyncDispose]()
    await client.closed
    expect(clock.pending).toBe(0)
    await using again = await start({ port: server.port })
    expect(again.port).toBe(server.port)
  })

  it('answers SERVFAIL, logs and goes on when the lookup fails', async () => {
    const lines: string[] = []
    const logger = createLogger('error', {}, { write: (line) => lines.push(line) })
    let failing = true
    const lookup = (asked: string) => {
      if (failing) throw new Error('defect')
      return hosts[asked]
    }
    await using server = await start({ logger, lookup })
    expect(await askUdp(server, query(5, name))).toMatchObject({ id: 5, rcode: 'SERVFAIL' })
    expect(lines.join()).toContain('defect')
    failing = false
    expect(await askUdp(server, query(6, name))).toMatchObject({ id: 6, rcode: 'NOERROR' })
  })

  it('says which address it could not have', async () => {
    await using taken = await start()
    await expect(start({ port: taken.port })).rejects.toThrow(
      `the DNS server cannot listen on 127.0.0.1 port ${taken.port}`,
    )
    const tcp = createServer().listen(0, '127.0.0.1')
    await once(tcp, 'listening')
    const { port } = tcp.address() as { port: number }
    await expect(start({ port })).rejects.toThrow(`port ${port}`)
    tcp.close()
  })

  it('is understood by dig', async (context) => {
    if (spawnSync('dig', ['-v']).error !== undefined) {
      process.stderr.write('skipped: needs dig (Debian: bind9-dnsutils, formerly dnsutils)\n')
      context.skip('needs dig: package bind9-dnsutils')
    }
    await using server = await start()
    const dig = async (...args: string[]) => {
      const at = [`@${server.address}`, '-p', `${server.port}`, '+tries=1', '+norecurse']
      return (await promisify(execFile)('dig', [...at, ...args])).stdout
    }
    for (const transport of ['+notcp', '+tcp', '+noedns']) {
      const short = (await dig(transport, '+short', name, 'A')).trim().split('\n')
      expect(short.sort()).toEqual(['127.16.0.5', '127.16.16.5'])
    }
    expect(await dig('+short', name, 'AAAA')).toBe('fd00::5\n')
    expect((await dig('+short', `huge-1.${apex}`)).trim().split('\n')).toHaveLength(200)

    const unknown = await dig(`gone.${apex}`)
    expect(unknown).toContain('status: NXDOMAIN')
    expect(unknown).toMatch(/flags: qr aa; QUERY: 1, ANSWER: 0, AUTHORITY: 1, ADDITIONAL: 1/)
    expect(unknown).toContain(`SOA	ns.${apex}. hostmaster.${apex}. 1 7200 900 1209600 60`)
    expect(unknown).not.toMatch(/warning|malformed/i)
    expect(await dig('example.net')).toContain('status: REFUSED')
    expect(await dig('+short', apex, 'NS')).toBe(`ns.${apex}.\n`)
    expect(await dig('+short', `ns.${apex}`)).toBe('127.0.0.1\n')
  })
})

type Options = Partial<Parameters<typeof startDnsServer>[0]>

function start(options: Options = {}): Promise<DnsServer> {
  return startDnsServer({
    host: '127.0.0.1',
    port: 0,
    logger: createLogger('silent'),
    clock: new ManualClock(),
    apexes: () => [apex],
    lookup: (asked) => hosts[asked],
    texts: () => undefined,
    ...options,
  })
}

function isUnavailable(error: Error): false {
  const { code } = error.cause as NodeJS.ErrnoException
  if (code !== 'EADDRNOTAVAIL' && code !== 'EAFNOSUPPORT') throw error
  return false
}

type Response = DecodedPacket & { rcode?: string }

function query(id: number, asked: string): Buffer {
  return encode({ id, type: 'query', questions: [{ type: 'A', name: asked }] })
}

function framed(id: number, asked: string): Buffer {
  return streamEncode({ id, type: 'query', questions: [{ type: 'A', name: asked }] })
}

async function askUdp({ address, port }: DnsServer, packet: Buffer): Promise<Response> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4')
  try {
    socket.send(packet, port, address)
    const [response] = await once(socket, 'message')
    return decode(response)
  } finally {
    socket.close()
  }
}

interface Client extends Disposable {
  readonly socket: Socket
  /** Resolves when the server has closed the connection. */
  readonly closed: Promise<unknown>
  next(): Promise<Response>
}

async function connectTo({ address, port }: DnsServer): Promise<Client> {
  const socket = connect(port, address)
  const closed = new Promise((resolve) => socket.once('close', resolve))
  socket.on('error', () => socket.destroy())
  await once(socket, 'connect')
  return { socket, closed, next: reader(socket), [Symbol.dispose]: () => socket.destroy() }
}

function reader(socket: Socket): () => Promise<Response> {
  let received = Buffer.alloc(0)
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk])
  })
  return async () => {
    while (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) {
      await once(socket, 'data')
    }
    const end = 2 + received.readUInt16BE(0)
    const response = decode(received.subarray(2, end))
    received = received.subarray(end)
    return response
  }
}

async function answersOverTcp(server: DnsServer): Promise<boolean> {
  using client = await connectTo(server)
  client.socket.write(framed(9, name))
  return await Promise.race([client.next().then(() => true), client.closed.then(() => false)])
}
