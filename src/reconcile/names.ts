/**
 * The addresses behind load balancers' DNS names. A name resolves to the nodes in zones that can serve: those with a healthy
 * target, in any zone if cross-zone balancing is on. When no zone can serve, all nodes are answered, so that clients get
 * a 503 from a node rather than a name that does not exist.
 */
import type { LoadBalancerRecord } from '../aws/elb/records.ts'
import { loadBalancerIdentity } from '../aws/elb/records.ts'
import type { ChallengeAnswer } from '../issuance/challenges.ts'
import type { Node, Pool, Snapshot } from '../snapshot/snapshot.ts'
import type { World } from './world.ts'

export interface Addresses {
  readonly ipv4: readonly string[]
  readonly ipv6: readonly string[]
}

export class Names {
  readonly #healthy: (check: string) => boolean
  readonly #ownApexes: readonly string[]
  #apexes: ReadonlySet<string>
  #nodesByName = new Map<string, readonly NamedNode[]>()
  #textsByName = new Map<string, readonly string[]>()

  /** @param ownApexes the zones that are served whatever there is, e.g. `us-west-2.elb.weir.internal`. */
  constructor(healthy: (check: string) => boolean, ownApexes: readonly string[]) {
    this.#healthy = healthy
    this.#ownApexes = ownApexes
    this.#apexes = new Set(ownApexes)
  }

  /** The zones that names are in: one a region, and that of certificates' validation. */
  apexes(): Iterable<string> {
    return this.#apexes
  }

  update(world: World, snapshot: Snapshot): void {
    const nodes = Map.groupBy(snapshot.nodes, (node) => node.loadBalancer)
    const pools = new Map(snapshot.pools.map((pool) => [pool.id, pool]))
    const names = new Map<string, readonly NamedNode[]>()
    for (const { region, loadBalancers } of world.regions) {
      for (const record of loadBalancers) {
        const own = nodes.get(loadBalancerIdentity(region, record)) ?? []
        names.set(
          canonicalName(record),
          own.map((node) => namedNode(node, pools)),
        )
      }
    }
    this.#nodesByName = names
    this.#apexes = new Set([...this.#ownApexes, ...[...names.keys()].map(apexOf)])
    this.#textsByName = textsByName(world.challenges)
  }

  /** The texts of a name's TXT records, in whatever zone it is; undefined when there are none. */
  texts(name: string): readonly string[] | undefined {
    return this.#textsByName.get(name)
  }

  /**
   * @param name lower case, without the final dot. The guide (page 8) has `ipv6.NAME` for IPv6 addresses only and
   *   `dualstack.NAME` for both; the base name answers both too, as its AAAA records only exist where a subnet has an IPv6 range.
   * @returns undefined when no load balancer has that name.
   */
  lookup(name: string): Addresses | undefined {
    const [, prefix, base = name] = /^(ipv6|dualstack)\.(.+)$/.exec(name) ?? []
    const nodes = this.#nodesByName.get(base)
    if (nodes === undefined) return undefined
    const serving = nodes.filter((node) => this.#canServe(node))
    const addresses = (serving.length > 0 ? serving : nodes).flatMap(({ node }) => node.addresses)
    return {
      ipv4: prefix === 'ipv6' ? [] : addresses.filter((address) => !address.includes(':')),
      ipv6: addresses.filter((address) => address.includes(':')),
    }
  }

  #canServe({ node, pools }: NamedNode): boolean {
    return pools.some((pool) =>
      pool.targets.some(
        ({ check, zone }) =>
          (pool.crossZone || zone === node.zone) && (check === null || this.#healthy(check)),
      ),
    )
  }
}

function textsByName(answers: readonly ChallengeAnswer[]): Map<string, readonly string[]> {
  const texts = new Map<string, string[]>()
  for (const answer of answers) {
    if (answer.kind !== 'dns-01') continue
    for (const name of answer.names) texts.set(name, [...(texts.get(name) ?? []), answer.text])
  }
  return texts
}

interface NamedNode {
  readonly node: Node
  readonly pools: readonly Pool[]
}

function namedNode(node: Node, pools: ReadonlyMap<string, Pool>): NamedNode {
  const ids = new Set(node.listeners.map((listener) => listener.pool))
  return { node, pools: [...ids].flatMap((id) => pools.get(id) ?? []) }
}

function apexOf(name: string): string {
  return name.slice(name.indexOf('.') + 1)
}

function canonicalName(record: LoadBalancerRecord): string {
  return record.dnsName.toLowerCase()
}
