/** What Huawei Cloud's API has made, in an engine under a clock that is moved by hand: real translation, real traffic, no real time. */
import { Engine } from '../../src/engine/engine.ts'
import { translate } from '../../src/reconcile/translate.ts'
import { readWorld } from '../../src/reconcile/world.ts'
import type { Snapshot } from '../../src/snapshot/snapshot.ts'
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
  readonly #engine = new Engine({
    clock: this.clock,
    logger: createLogger('silent'),
    wireKind: 'handle',
  })

  /** Serves the listeners of a project's only load balancer, at an address of its own. */
  static async start(api: HuaweiApi, project: TestProject): Promise<HuaweiEngine> {
    const serving = new HuaweiEngine()
    const failures = await serving.#engine.apply(
      serving.#elsewhere(await snapshotOf(api, project.id)),
    )
    if (failures.length > 0) throw new Error(JSON.stringify(failures))
    return serving
  }

  /** The API's subnets are on no interface of this machine. */
  #elsewhere(snapshot: Snapshot): Snapshot {
    const addresses = [this.address]
    return { ...snapshot, nodes: snapshot.nodes.map((node) => ({ ...node, addresses })) }
  }

  get clientConnections(): number {
    return this.#engine.open().clientConnections
  }

  get bytesIn(): number {
    return this.#engine.counters()[0]?.bytesIn ?? 0
  }

  connect(): Promise<Peer> {
    return Peer.connect(this.address, listenerPort)
  }

  connectTls(): Promise<Peer> {
    return Peer.connectTls(this.address, listenerPort)
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
