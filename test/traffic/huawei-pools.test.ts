/** Backend server groups of Huawei Cloud's API: how members are spoken to, and which of them is taken. In an engine under a clock that is moved by hand. */
import type { TlsOptions } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { selfSigned } from '../support/certificate-authority.ts'
import { HuaweiApi, type TestProject } from '../support/huawei-api.ts'
import { HuaweiEngine, listenerPort } from '../support/huawei-engine.ts'
import { eventually, Origin, Peer } from '../support/peer.ts'
import { ok } from '../support/serving.ts'

const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
const server = await selfSigned()
const memberTls: TlsOptions = { cert: server.certificate, key: server.privateKey }
let api: HuaweiApi

beforeAll(async () => {
  api = await HuaweiApi.start()
})
afterAll(() => api[Symbol.asyncDispose]())

type Member = Pick<Origin, 'host' | 'port'> & { readonly weight?: number }

/** A listener and its group; what is not said is HTTP and ROUND_ROBIN. */
class Site implements AsyncDisposable {
  readonly project: TestProject = api.project()
  serving!: HuaweiEngine
  listenerId = ''
  poolId = ''
  readonly memberIds: string[] = []

  static async start(
    listener: object,
    pool: object,
    members: readonly Member[],
    balancer = {},
  ): Promise<Site> {
    const site = new Site()
    const { project } = site
    const made = await project.balancer(await api.subnet(), balancer)
    const { protocol = 'HTTP' } = listener as { protocol?: string }
    const secure = ['HTTPS', 'TLS'].includes(protocol) ? await site.#certificate() : {}
    const fields = { protocol_port: listenerPort, ...secure, ...listener }
    site.listenerId = (await project.listener(made, fields)).id
    site.poolId = (await project.pool({ listener_id: site.listenerId, ...pool })).id
    for (const member of members) await site.#add(member)
    site.serving = await HuaweiEngine.start(api, project)
    return site
  }

  async #certificate(): Promise<object> {
    const { certificate, privateKey } = server
    const sent = { certificate, private_key: privateKey }
    const { id } = await this.project.create('certificates', 'certificate', sent)
    return { default_tls_container_ref: id }
  }

  async #add({ host, port, weight = 1 }: Member): Promise<void> {
    const fields = { address: host, protocol_port: port, weight }
    const { id } = await this.project.create(`pools/${this.poolId}/members`, 'member', fields)
    this.memberIds.push(id)
  }

  async add(member: Member): Promise<void> {
    await this.#add(member)
    await this.serving.update()
  }

  async weigh(index: number, weight: number): Promise<void> {
    const path = `pools/${this.poolId}/members/${this.memberIds[index]}`
    await this.project.put(path, { member: { weight } })
    await this.serving.update()
  }

  /** What a request gets, on a connection of its own. */
  async ask(localAddress?: string): Promise<string> {
    await using client = await Peer.connect(this.serving.address, listenerPort, localAddress)
    client.send(get)
    const answer = await client.until(/^HTTP[\s\S]*\r\n\r\n(\w+$|[\s\S]*<\/html>)/)
    return answer.startsWith('HTTP/1.1 200') ? (answer.split('\r\n\r\n')[1] ?? '') : answer
  }

  /** Who answers so many requests, one after the other: how many each. */
  async answering(count: number): Promise<Record<string, number>> {
    const names: Record<string, number> = {}
    for (let asked = 0; asked < count; asked += 1) {
      const name = await this.ask()
      names[name] = (names[name] ?? 0) + 1
    }
    return names
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.serving[Symbol.asyncDispose]()
  }
}

const echo = (name: string, secure?: TlsOptions) =>
  Origin.start(
    (peer) => {
      peer.send(`${name}:`)
      peer.socket.on('data', (chunk) => peer.socket.write(chunk))
    },
    '127.0.0.1',
    secure,
  )

describe('members are spoken to as the group’s protocol says', () => {
  test('HTTPS: encrypted, whatever certificate they have', async () => {
    await using origin = await Origin.answering(ok('secret'), memberTls)
    await using site = await Site.start({ protocol: 'HTTPS' }, { protocol: 'HTTPS' }, [origin])
    await using client = await site.serving.connectTls()
    client.send(get)
    await client.until('secret')
    expect((await origin.peer(0)).tls.encrypted).toBe(true)
  })

  test('HTTPS: one that speaks plain HTTP is no backend server: 502', async () => {
    await using origin = await Origin.start((peer) => peer.send(ok('plain')))
    await using site = await Site.start({ protocol: 'HTTPS' }, { protocol: 'HTTPS' }, [origin])
    await using client = await site.serving.connectTls()
    client.send(get)
    expect(await client.until('</html>')).toMatch(/^HTTP\/1\.1 502 /)
  })

  test('TLS: what clients of a TLS listener send is decrypted and encrypted again', async () => {
    await using origin = await echo('t', memberTls)
    await using site = await Site.start({ protocol: 'TLS' }, { protocol: 'TLS' }, [origin])
    await using client = await site.serving.connectTls()
    client.send('hello')
    await client.until('t:hello')
    expect((await origin.peer(0)).tls.encrypted).toBe(true)
  })

  test('TCP: a TLS listener decrypts; with proxy_protocol_enable members hear first who the client is', async () => {
    await using origin = await Origin.start((peer) => peer.send('hi'))
    await using site = await Site.start({ protocol: 'TLS' }, { protocol: 'TCP' }, [origin])
    await using plain = await site.serving.connectTls()
    plain.send('hello')
    await plain.until('hi')
    const first = await origin.peer(0)
    expect(await first.until('hello')).toBe('hello')
    const change = { listener: { proxy_protocol_enable: true } }
    await site.project.put(`listeners/${site.listenerId}`, change)
    await site.serving.update()
    await using told = await site.serving.connectTls()
    told.send('hello')
    await told.until('hi')
    const { localPort } = told.tls
    expect(await (await origin.peer(1)).until('hello')).toBe(
      `PROXY TCP4 127.0.0.1 ${site.serving.address} ${localPort} ${listenerPort}\r\nhello`,
    )
    plain.send(' again')
    await first.until('hello again')
  })

  test('a member may have an IPv6 address', async () => {
    await using origin = await Origin.start(
      (peer) => peer.socket.on('data', () => peer.send(ok('six'))),
      '::1',
    )
    await using site = await Site.start({}, {}, [origin])
    expect(await site.ask()).toBe('six')
  })
})

test('a load balancer with an IPv6 address serves there too', async () => {
  await using origin = await Origin.answering((head) => ok(head))
  const { id } = await api.dualStackSubnet()
  const balancer = { vip_subnet_cidr_id: id, ipv6_vip_virsubnet_id: id }
  const protocol_port = await freeIpv6Port()
  await using site = await Site.start({ protocol_port }, {}, [origin], balancer)
  for (const address of [site.serving.address, '::1']) {
    await using client = await Peer.connect(address, protocol_port)
    client.send(get)
    const from = address === '::1' ? '::1' : '127.0.0.1'
    await client.until(`\r\nX-Forwarded-For: ${from}\r\n`)
  }
})

async function freeIpv6Port(): Promise<number> {
  await using origin = await Origin.start(() => {}, '::1')
  return origin.port
}

test('a listener that gets another group: TCP connections stay with the one they have, until that is deleted', async () => {
  await using one = await echo('1')
  await using two = await echo('2')
  await using site = await Site.start({ protocol: 'TCP' }, { protocol: 'TCP' }, [one])
  const { project, serving, listenerId, poolId } = site
  await using first = await serving.connect()
  await first.until('1:')
  const { id } = await project.pool({ protocol: 'TCP' })
  const member = { address: two.host, protocol_port: two.port }
  await project.create(`pools/${id}/members`, 'member', member)
  await project.put(`listeners/${listenerId}`, { listener: { default_pool_id: id } })
  await serving.update()
  await using second = await serving.connect()
  await second.until('2:')
  first.send('still here')
  await first.until('1:still here')
  await project.delete(`pools/${poolId}/delete-cascade`)
  await serving.update()
  await first.untilEnded()
  second.send('still here')
  await second.until('2:still here')
})

describe('LEAST_CONNECTIONS', () => {
  test('the member with the fewest requests for its weight is taken', async () => {
    await using light = await Origin.start()
    await using heavy = await Origin.start()
    const members = [light, { host: heavy.host, port: heavy.port, weight: 3 }]
    await using site = await Site.start({}, { lb_algorithm: 'LEAST_CONNECTIONS' }, members)
    await using clients = new AsyncDisposableStack()
    for (let open = 1; open <= 8; open += 1) {
      clients.use(await site.serving.connect()).send(get)
      await eventually(() => light.peers.length + heavy.peers.length === open)
    }
    expect([light.peers.length, heavy.peers.length]).toEqual([2, 6])
  })
})

describe('SOURCE_IP', () => {
  const addresses = Array.from({ length: 24 }, (_, n) => `127.0.3.${n + 1}`)

  test('a client’s address decides, whatever the weights; who goes moves its own clients only', async () => {
    await using stack = new AsyncDisposableStack()
    const names = ['a', 'b', 'c']
    const origins = await Promise.all(names.map((name) => Origin.answering(ok(name))))
    for (const origin of origins) stack.use(origin)
    await using site = await Site.start({}, { lb_algorithm: 'SOURCE_IP' }, origins)
    const choices = async () =>
      Promise.all(addresses.map(async (address) => [address, await site.ask(address)] as const))
    const before = await choices()
    expect(new Set(before.map(([, name]) => name)).size).toBe(3)
    await site.weigh(0, 100)
    await site.weigh(1, 0)
    expect(await choices()).toEqual(before)
    await site.project.delete(`pools/${site.poolId}/members/${site.memberIds[2]}`)
    await site.serving.update()
    for (const [index, [address, name]] of (await choices()).entries()) {
      const [, had] = before[index] ?? []
      expect([address, name === 'c']).toEqual([address, false])
      if (had !== 'c') expect([address, name]).toEqual([address, had])
    }
  })
})

describe('a weight of 0', () => {
  test('lets what is under way go on, and gives nothing new; where all have it nobody serves', async () => {
    await using one = await echo('1')
    await using two = await echo('2')
    await using site = await Site.start({ protocol: 'TCP' }, { protocol: 'TCP' }, [one, two])
    await using first = await site.serving.connect()
    const name = await first.until(/^[12]:$/)
    const [its, other] = name === '1:' ? [0, 1] : [1, 0]
    await site.weigh(its, 0)
    for (let tries = 0; tries < 3; tries += 1) {
      await using client = await site.serving.connect()
      expect(await client.until(/^[12]:$/)).not.toBe(name)
    }
    await site.weigh(other, 0)
    first.send('still here')
    await first.until(`${name}still here`)
    await using nobody = await site.serving.connect()
    await nobody.untilEnded()
    expect(nobody.received).toBe('')
  })

  test('of HTTP: 503, which says so', async () => {
    await using origin = await Origin.answering(ok('x'))
    await using site = await Site.start({}, {}, [{ ...placeOf(origin), weight: 0 }])
    expect(await site.ask()).toMatch(/^HTTP\/1\.1 503 [\s\S]*\r\nx-router-code: 50000\r\n/)
  })
})

const placeOf = ({ host, port }: Origin) => ({ host, port })

describe('slow_start', () => {
  test.each([30, 1200])('a member that comes has all of its share after %i s', async (duration) => {
    await using old = await Origin.answering(ok('old'))
    await using fresh = await Origin.answering(ok('fresh'))
    const pool = { slow_start: { enable: true, duration } }
    await using site = await Site.start({}, pool, [old])
    expect(await site.answering(3)).toEqual({ old: 3 })
    site.serving.clock.advance(duration * 1000)
    await site.add(fresh)
    const { fresh: atFirst = 0 } = await site.answering(40)
    site.serving.clock.advance(duration * 500)
    const { fresh: halfWay = 0 } = await site.answering(40)
    site.serving.clock.advance(duration * 500)
    const { fresh: atLast = 0 } = await site.answering(40)
    expect([atFirst, halfWay, atLast]).toEqual([2, 10, 20])
  })
})
