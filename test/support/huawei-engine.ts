/** What Huawei Cloud's API has made, in an engine under a clock that is moved by hand: real translation, real traffic, no real time. */
import type { ConnectionOptions } from 'node:tls'
import { Engine } from '../../src/engine/engine.ts'
import { translate } from '../../src/reconcile/translate.ts'
import { readWorld } from '../../src/reconcile/world.ts'
import type { Node, Snapshot } from '../../src/snapshot/snapshot.ts'
import { createLogger } from '../../src/telemetry/logger.ts'
import type { HuaweiApi, TestProject } from './huawei-api.ts'
import { ManualClock } from './manual-clock.ts'
import { Peer } from './peer.ts'
import { ownAddress } from './serving.ts'

/** Of the listeners of these tests. */
export const listenerPort = 8443

export class HuaweiEngine implements AsyncDisposable {
  readonly clock = new ManualClock()
  readonly address = ownAddress()
  readonly #api: HuaweiApi
  readonly #project: TestProject
  readonly #engine = new Engine({
    clock: this.clock,
    logger: createLogger('silent'),
    wireKind: 'handle',
  })

  private constructor(api: HuaweiApi, project: TestProject) {
    this.#api = api
    this.#project = project
  }

  /** Serves the listeners of a project's only load balancer, at an address of its own. */
  static async start(api: HuaweiApi, project: TestProject): Promise<HuaweiEngine> {
    const serving = new HuaweiEngine(api, project)
    await serving.update()
    return serving
  }

  /** Takes over what the API has made since. */
  async update(): Promise<void> {
    const snapshot = await snapshotOf(this.#api, this.#project.id)
    const nodes = snapshot.nodes.map((node) => ({ ...node, addresses: this.#local(node) }))
    const failures = await this.#engine.apply({ ...snapshot, nodes })
    if (failures.length > 0) throw new Error(JSON.stringify(failures))
  }

  /** The API's subnets are on no interface of this machine, which has one IPv6 address for all. */
  #local({ addresses }: Node): string[] {
    const hasIpv6 = addresses.some((address) => address.includes(':'))
    return hasIpv6 ? [this.address, '::1'] : [this.address]
  }

  get bytesIn(): number {
    return this.#engine.counters()[0]?.bytesIn ?? 0
  }

  connect(): Promise<Peer> {
    return Peer.connect(this.address, listenerPort)
  }

  connectTls(options: ConnectionOptions = {}, port = listenerPort): Promise<Peer> {
    return Peer.connectTls(this.address, port, options)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#engine[Symbol.asyncDispose]()
  }
}

/** What a proxy is told of a project. */
export async function snapshotOf(api: HuaweiApi, projectId: string): Promise<Snapshot> {
  const fail = (key: string, cause: unknown) => {
    throw new Error(key, { cause })
  }
  const world = await readWorld(api.api.store, api.box, fail)
  const cookieKeys = { of: (id: string) => `key of ${id}` }
  const all = translate(world, { cookieKeys, accountId: '123456789012', region: 'us-west-2' }, fail)
  const isOwn = ({ id }: { readonly id: string }) => id.includes(projectId)
  return {
    ...all,
    nodes: all.nodes.filter(isOwn),
    pools: all.pools.filter(isOwn),
    checks: all.checks.filter(isOwn),
    certificates: all.certificates.filter(isOwn),
  }
}
