/**
 * Huawei Cloud's load balancers as the neutral model: a pure function. A load balancer gives one node, each back-end server group of it
 * one pool, each member of a group with a health monitor one check. A listener without a group has an empty pool. A TLS or
 * HTTPS listener whose certificate cannot be used opens no port, nor does one that is switched off, or whose load balancer is.
 */

import type { Project } from '../../huawei/elb/project.ts'
import { isHttp, isSecure } from '../../huawei/elb/protocols.ts'
import {
  huaweiKeys,
  type ListenerRecord,
  type LoadBalancerRecord,
  loadBalancerIdentity,
  type PoolRecord,
} from '../../huawei/elb/records.ts'
import { listenersOf, policiesOf, poolsOfPolicy } from '../../huawei/elb/relations.ts'
import type { Certificate, HealthCheck, Node, Pool } from '../../snapshot/snapshot.ts'
import type { Part, Shared } from '../translation.ts'
import { accessLogOf } from './access-log.ts'
import { neutralListener } from './listener.ts'
import { emptyPool, neutralChecks, neutralPool } from './pool.ts'

export function translateHuawei(
  project: Project,
  record: LoadBalancerRecord,
  shared: Shared,
): Part {
  const translation = new HuaweiTranslation(project, record, shared)
  return {
    nodes: [translation.node()],
    pools: translation.pools(),
    checks: translation.checks(),
    certificates: translation.certificates(),
  }
}

/** One load balancer, and what it needs of its project. */
export class HuaweiTranslation {
  readonly project: Project
  readonly record: LoadBalancerRecord
  readonly shared: Shared
  readonly identity: string
  readonly #served: readonly ListenerRecord[]

  constructor(project: Project, record: LoadBalancerRecord, shared: Shared) {
    this.project = project
    this.record = record
    this.shared = shared
    this.identity = loadBalancerIdentity(record)
    this.#served = listenersOf(project, record).filter(
      (listener) =>
        record.admin_state_up &&
        listener.admin_state_up &&
        (!isSecure(listener.protocol) ||
          this.certificate(listener.default_tls_container_ref) !== undefined),
    )
  }

  node(): Node {
    const { vip, eip, ipv6_vip_virsubnet_id } = this.record
    const ipv6 = ipv6_vip_virsubnet_id === null ? null : vip.ipv6_address
    const addresses = [vip.address, ipv6, eip?.address].filter((each) => typeof each === 'string')
    return {
      id: this.identity,
      loadBalancer: this.identity,
      zone: this.zone,
      addresses,
      listeners: this.#served.map((listener) => neutralListener(this, listener)),
      ...accessLogOf(this),
    }
  }

  /** Pools of listeners that have none. */
  get emptyPools(): string[] {
    const without = this.#served.filter((listener) => this.poolOf(listener) === undefined)
    return without.map((listener) => this.poolId(listener, undefined))
  }

  pools(): Pool[] {
    const pools = new Map<string, Pool>()
    for (const listener of this.#served) {
      if (this.poolOf(listener) !== undefined) continue
      const id = this.poolId(listener, undefined)
      pools.set(id, emptyPool(this, listener.protocol, id))
    }
    for (const record of this.#ownPools()) {
      for (const proxyProtocol of this.#waysTo(record)) {
        const id = this.#idOf(record, proxyProtocol)
        pools.set(id, neutralPool(this, record, { id, proxyProtocol }))
      }
    }
    return [...pools.values()]
  }

  /** Also those that were made for it and that no listener uses now: what is with their members goes on. */
  #ownPools(): Set<PoolRecord> {
    const { project, record } = this
    const used = this.#served.flatMap((listener) => this.#poolsOf(listener))
    const made = project.pools.where(({ loadbalancer_id }) => loadbalancer_id === record.id)
    return new Set([...used, ...made])
  }

  /** Listeners can be switched from one to the other, and connections that stand go on as they began. */
  #waysTo({ protocol }: PoolRecord): readonly boolean[] {
    const hasTls = this.#served.some((listener) => listener.protocol === 'TLS')
    return hasTls && !isHttp(protocol) ? [false, true] : [false]
  }

  checks(): HealthCheck[] {
    const records = new Set(this.#served.flatMap((listener) => this.#poolsOf(listener)))
    return [...records].flatMap((record) => neutralChecks(this, record))
  }

  certificates(): Certificate[] {
    const ids = this.#served
      .filter(({ protocol }) => isSecure(protocol))
      .flatMap((listener) => [listener.default_tls_container_ref, ...listener.sni_container_refs])
    return ids.flatMap((id) => this.certificate(id) ?? [])
  }

  /** Zones play no part: a load balancer has one address in all of them, and a member may be in any. */
  get zone(): string {
    return this.record.availability_zone_list[0] ?? ''
  }

  certificate(id: string | null): Certificate | undefined {
    const key = huaweiKeys.resource(this.project.id, 'certificate', id ?? '')
    return this.shared.certificates.get(key)
  }

  poolOf({ default_pool_id }: ListenerRecord): PoolRecord | undefined {
    return this.project.pools.find(default_pool_id ?? '')
  }

  /** That, and those of its forwarding policies. */
  #poolsOf(listener: ListenerRecord): PoolRecord[] {
    const { pools } = this.project
    const ids = policiesOf(this.project, listener)
      .flatMap(poolsOfPolicy)
      .map(({ pool_id }) => pool_id)
    const own = listener.default_pool_id === null ? [] : [listener.default_pool_id]
    return [...new Set([...own, ...ids])].flatMap((id) => pools.find(id) ?? [])
  }

  /** Whether a connection to a member begins with a line about the client depends on the listener. */
  poolId(listener: ListenerRecord, record: PoolRecord | undefined): string {
    if (record === undefined) return `${this.identity}/none-of-${listener.id}`
    return this.#idOf(record, listener.proxy_protocol_enable)
  }

  #idOf({ id }: PoolRecord, proxyProtocol: boolean): string {
    return `${this.identity}/${id}${proxyProtocol ? '/proxy-protocol' : ''}`
  }
}
