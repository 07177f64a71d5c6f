import type { RoutingAction, RoutingRule } from '../../src/snapshot/routing.ts'
import type { HttpListener, Pool } from '../../src/snapshot/snapshot.ts'
import { Origin, type Peer } from './peer.ts'
import { ok, Serving, type ServingOptions } from './serving.ts'

/** A listener whose own pool is `pool`, beside others: `a`, `b` and `c`. Each has one instance, which answers with the pool's name. */
export class RoutedSite implements AsyncDisposable {
  readonly serving: Serving
  readonly #origins: ReadonlyMap<string, Origin>

  private constructor(serving: Serving, origins: ReadonlyMap<string, Origin>) {
    this.serving = serving
    this.#origins = origins
  }

  static async start(
    rules: readonly RoutingRule[],
    options: ServingOptions = {},
  ): Promise<RoutedSite> {
    const names = ['pool', 'a', 'b', 'c']
    const origins = await Promise.all(
      names.map(async (name) => [name, await Origin.answering(ok(name))] as const),
    )
    const serving = await Serving.start([], options)
    const site = new RoutedSite(serving, new Map(origins))
    await site.apply(rules)
    return site
  }

  /** @param without pools that have no targets */
  async apply(
    rules: readonly RoutingRule[],
    change: Partial<HttpListener> = {},
    without: readonly string[] = [],
  ): Promise<void> {
    const snapshot = this.serving.snapshot([], { rules, ...change })
    const [pool] = snapshot.pools as [Pool]
    const pools = [...this.#origins].map(([id, { host, port }]) => {
      const target = { id: `t-${id}`, host, port, zone: 'a', check: null }
      return { ...pool, id, targets: without.includes(id) ? [] : [target] }
    })
    await this.serving.engine.apply({ ...snapshot, pools })
  }

  /** What a request with that start gets: who answered, or the load balancer's own answer. */
  async get(
    target: string,
    fields: readonly string[] = ['Host: site.example'],
    method = 'GET',
  ): Promise<string> {
    const head = [`${method} ${target} HTTP/1.1`, ...fields, 'Connection: close']
    const answer = await this.serving.exchange(`${head.join('\r\n')}\r\n\r\n`)
    const end = answer.indexOf('\r\n\r\n')
    return answer.includes('\r\nServer: weir') ? answer : answer.slice(end + 4)
  }

  connect(): Promise<Peer> {
    return this.serving.connect()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.serving[Symbol.asyncDispose]()
    for (const origin of this.#origins.values()) await origin[Symbol.asyncDispose]()
  }
}

/** To one pool. */
export function to(pool: string): RoutingAction {
  return { kind: 'forward', pools: [{ pool, weight: 1 }] }
}

export function rule(
  action: RoutingAction,
  ...conditions: readonly RoutingRule['conditions'][number][]
): RoutingRule {
  return { id: JSON.stringify(conditions), conditions, action }
}
