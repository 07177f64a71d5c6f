/** Requests and connections of every kind and end, the same in every run, and a tally of what clients saw of them. */
import { connect, type Socket } from 'node:net'
import { type CountedSystem, httpPort, tcpPort } from './counted-system.ts'
import { eventually } from './eventually.ts'
import { PipeliningClient } from './pipelining-client.ts'
import { Tally } from './tally.ts'

/** With the others, a million. */
const pipelined = 973_500
const ofEachKind = 1500
const intoNarrow = 2000

/** mulberry32. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

const close = 'Connection: close\r\n'

/** What pipelining clients ask for: the status that the instance is to answer. */
const statuses = [200, 200, 200, 200, 201, 204, 301, 304, 404, 410, 500, 503]

/** Requests that end in other ways: what is sent, and what instance and client see of it. */
const kinds: readonly {
  readonly kind: string
  readonly method?: string
  readonly fields?: string
  readonly targetStatus?: number
  readonly routed?: boolean
  readonly compliant?: boolean
}[] = [
  { kind: '200', targetStatus: 200 },
  { kind: '204', method: 'HEAD', targetStatus: 204 },
  { kind: 'close', method: 'POST' },
  { kind: 'close' },
  { kind: 'garbage' },
  { kind: 'broken', targetStatus: 200 },
  { kind: '200', fields: 'Host: another\r\n', routed: false, compliant: false },
  { kind: '200', fields: 'X-Space : before\r\n', targetStatus: 200, compliant: false },
]

export class CountedTraffic {
  readonly tally = new Tally()
  /** Those that a full surge queue turned away. */
  spilled = 0
  /** Connections that an instance refused. */
  refused = 0
  /** Requests that desync mitigation finds not compliant. */
  nonCompliant = 0
  readonly #system: CountedSystem
  readonly #random = seeded(5)
  #sent = 0

  constructor(system: CountedSystem) {
    this.#system = system
  }

  async run(): Promise<void> {
    await Promise.all([this.#pipelining(), this.#others()])
  }

  async #others(): Promise<void> {
    await this.#otherEnds()
    await this.#upgrades()
    await this.#resets()
    await this.#tcpConnections()
    await this.#unreachable()
    await this.#requestSpillover()
    await this.#connectionSpillover()
  }

  /** No two ask for the same path. */
  #request(kind: string | number, method = 'GET', fields = close): string {
    this.#sent += 1
    return `${method} /${kind}/${this.#sent} HTTP/1.1\r\nHost: a\r\n${fields}\r\n`
  }

  async #pipelining(): Promise<void> {
    let left = pipelined
    const pick = () => statuses[Math.floor(this.#random() * statuses.length)] as number
    const clients = Array.from({ length: 32 }, async (_, index) => {
      const client = await PipeliningClient.connect(this.#system.node('web', index), httpPort)
      while (left > 0) {
        const size = Math.min(25, left)
        left -= size
        await client.send(Array.from({ length: size }, () => this.#request(pick(), 'GET', '')))
      }
      for (const [status, count] of client.statuses) {
        this.tally.add({ loadBalancer: 'web', status, targetStatus: status, routed: true }, count)
      }
      await client.close()
    })
    await Promise.all(clients)
  }

  async #otherEnds(): Promise<void> {
    for (const one of kinds) {
      const { kind, method, fields = '', targetStatus = 0, routed = true, compliant = true } = one
      await times(ofEachKind, async (index) => {
        const text = this.#request(kind, method, fields + close)
        const status = statusOf(await exchange(this.#system.node('web', index), httpPort, text))
        this.tally.add({ loadBalancer: 'web', status, targetStatus, routed })
        if (!compliant) this.nonCompliant += 1
      })
    }
  }

  async #upgrades(): Promise<void> {
    await times(ofEachKind, async (index) => {
      const text = this.#request('upgrade', 'GET', 'Connection: upgrade\r\nUpgrade: x\r\n')
      const node = this.#system.node('web', index)
      const status = statusOf(await exchange(node, httpPort, text, '\r\n\r\n'))
      this.tally.add({ loadBalancer: 'web', status, targetStatus: 101, routed: true })
    })
  }

  /** Clients that are gone when their request has reached the instance. */
  async #resets(): Promise<void> {
    const instances = this.#system.instances.get('web') ?? []
    const held = () => instances.reduce((sum, instance) => sum + instance.held, 0)
    const sockets = Array.from({ length: ofEachKind }, (_, index): Socket => {
      const socket = connect({ host: this.#system.node('web', index), port: httpPort })
      socket.on('error', () => {})
      socket.write(this.#request('hold'))
      return socket
    })
    await eventually('all requests at instances', () => held() === ofEachKind)
    for (const socket of sockets) socket.resetAndDestroy()
    this.tally.add({ loadBalancer: 'web', status: 0, routed: true }, ofEachKind)
  }

  async #tcpConnections(): Promise<void> {
    await times(ofEachKind, async (index) => {
      const node = this.#system.node('web', index)
      const echoed = await exchange(node, tcpPort, 'hello', 'hello')
      this.tally.add({ loadBalancer: 'web', status: '-', routed: echoed === 'hello' })
    })
  }

  /** No instance, and one that nobody can connect to. */
  async #unreachable(): Promise<void> {
    for (const loadBalancer of ['empty', 'refusing']) {
      const node = this.#system.node(loadBalancer)
      await times(ofEachKind, async () => {
        const status = statusOf(await exchange(node, httpPort, this.#request(200)))
        this.tally.add({ loadBalancer, status, routed: false })
        const echoed = await exchange(node, tcpPort, 'hello')
        this.tally.add({ loadBalancer, status: '-', routed: echoed !== '' })
        if (loadBalancer === 'refusing') this.refused += 2
      })
    }
  }

  async #requestSpillover(): Promise<void> {
    const [instance] = this.#system.instances.get('narrow') ?? []
    if (instance === undefined) return
    const begin = () => exchange(this.#system.node('narrow'), httpPort, this.#request('hold'))
    const release = () => instance.release()
    for (const answer of await this.#spillover(begin, () => instance.held, release)) {
      const status = statusOf(answer)
      const served = status === 200
      if (!served) this.spilled += 1
      const targetStatus = served ? 200 : 0
      this.tally.add({ loadBalancer: 'narrow', status, targetStatus, routed: served })
    }
  }

  async #connectionSpillover(): Promise<void> {
    const begin = () => exchange(this.#system.node('narrow'), tcpPort, 'hello')
    const held = () => this.#system.heldConnections
    const release = () => this.#system.releaseConnections()
    for (const answer of await this.#spillover(begin, held, release)) {
      const served = answer === 'hello'
      if (!served) this.spilled += 1
      this.tally.add({ loadBalancer: 'narrow', status: '-', routed: served })
    }
  }

  /** More than fit into the surge queue, at an instance that has one at a time and answers none until all have come. */
  async #spillover(
    begin: () => Promise<string>,
    held: () => number,
    release: () => void,
  ): Promise<string[]> {
    const before = await this.#system.counter('weir_spillovers_total')
    const answers = Array.from({ length: intoNarrow }, begin)
    await eventually('all to be held, queued or turned away', async () => {
      const away = (await this.#system.counter('weir_spillovers_total')) - before
      return held() + away + (await this.#system.counter('weir_surge_queue_length')) === intoNarrow
    })
    release()
    return Promise.all(answers)
  }
}

/** Runs so many, some at a time. */
async function times(count: number, run: (index: number) => Promise<void>): Promise<void> {
  let next = 0
  const lane = async () => {
    while (next < count) {
      next += 1
      await run(next)
    }
  }
  await Promise.all(Array.from({ length: 32 }, lane))
}

/**
 * Sends it on a connection of its own, which it ends when `until` has come. Resolves with all that came until that was closed.
 */
function exchange(host: string, port: number, text: string, until?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port }, () => socket.write(text, 'latin1'))
    let received = ''
    socket.setEncoding('latin1')
    socket.on('data', (more: string) => {
      received += more
      if (until !== undefined && received.includes(until)) socket.end()
    })
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') reject(error)
    })
    socket.on('close', () => resolve(received))
  })
}

/** 0: there was no answer. */
function statusOf(answer: string): number {
  return answer === '' ? 0 : Number(answer.slice('HTTP/1.1 '.length, 'HTTP/1.1 200'.length))
}
