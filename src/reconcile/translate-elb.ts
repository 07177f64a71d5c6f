/**
 * Classic Load Balancers as the neutral model: a pure function. A load balancer gives one node a zone; each pair of
 * instance protocol and port that its listeners name gives one pool, shared by those listeners; each registration gives one check,
 * because the guide has one health check an instance and load balancer ("Configure health checks", page 15).
 * Listeners that the engine cannot serve yet (HTTPS and SSL) open no port.
 */
import type { InstanceRecord } from '../aws/ec2/records.ts'
import {
  attributeNumber,
  maxConnectionsPerInstance,
  slowStartSeconds,
  spareConnectionsPerInstance,
} from '../aws/elb/additional-attributes.ts'
import {
  type AttributesRecord,
  checkIdentity,
  elbKeys,
  type ListenerRecord,
  type LoadBalancerRecord,
  loadBalancerIdentity,
  type PolicyRecord,
  type RegistrationRecord,
} from '../aws/elb/records.ts'
import type { ChallengeAnswer } from '../issuance/challenges.ts'
import type {
  DesyncMode,
  DrainingTarget,
  HealthCheck,
  HttpChallenge,
  Listener,
  Node,
  Pool,
  Probe,
  Snapshot,
  Stickiness,
  Target,
} from '../snapshot/snapshot.ts'
import type { OnUnusable, RegionWorld, World } from './world.ts'

/** @param onUnusable is told of each load balancer whose record is not as it has to be: the snapshot is made of the others. */
export function translate(world: World, cookieKeys: CookieKeys, onUnusable: OnUnusable): Snapshot {
  const parts = world.regions.flatMap((region) =>
    region.loadBalancers.flatMap((record) => {
      try {
        return [translateOne(region, record, cookieKeys)]
      } catch (error) {
        onUnusable(elbKeys.loadBalancer(region.region, record.name), error)
        return []
      }
    }),
  )
  return {
    revision: world.revision,
    nodes: parts.flatMap(({ nodes }) => nodes),
    pools: parts.flatMap(({ pools }) => pools),
    checks: parts.flatMap(({ checks }) => checks),
    certificates: [],
    challenges: world.challenges.flatMap(httpChallenge),
  }
}

function httpChallenge(answer: ChallengeAnswer): HttpChallenge[] {
  if (answer.kind !== 'http-01') return []
  const { token, keyAuthorization } = answer
  return [{ token, keyAuthorization }]
}

/** The keys that load balancers make stickiness cookies with. */
export interface CookieKeys {
  /** @param loadBalancer its identity @returns base64 */
  of(loadBalancer: string): string
}

function translateOne(
  region: RegionWorld,
  record: LoadBalancerRecord,
  cookieKeys: CookieKeys,
): Pick<Snapshot, 'nodes' | 'pools' | 'checks'> {
  const translation = new Translation(region, record, cookieKeys)
  return {
    nodes: translation.nodes(),
    pools: translation.pools(),
    checks: translation.checks(),
  }
}

/** `HTTP:80/ping` in its parts. The API has checked it; undefined for the protocols that cannot be probed yet. */
export function parseCheckTarget(target: string): { port: number; probe: Probe } | undefined {
  const [, protocol, port, path] = /^([A-Za-z]+):(\d+)(\/.*)?$/.exec(target) ?? []
  switch (protocol?.toUpperCase()) {
    case 'TCP':
      return { port: Number(port), probe: { protocol: 'tcp' } }
    case 'HTTP':
      return { port: Number(port), probe: { protocol: 'http', path: path ?? '/' } }
    default:
      return undefined
  }
}

/** A registration that can take traffic: a running instance in an enabled zone. */
interface Member {
  readonly registration: RegistrationRecord
  readonly instance: InstanceRecord
}

class Translation {
  readonly #identity: string
  readonly #region: string
  readonly #record: LoadBalancerRecord
  readonly #instances: RegionWorld['instances']
  readonly #members: readonly Member[]
  readonly #served: readonly ListenerRecord[]
  readonly #cookieKeys: CookieKeys

  constructor(region: RegionWorld, record: LoadBalancerRecord, cookieKeys: CookieKeys) {
    this.#cookieKeys = cookieKeys
    this.#identity = loadBalancerIdentity(region.region, record)
    this.#region = region.region
    this.#record = record
    this.#instances = region.instances
    this.#members = membersOf(region, record)
    this.#served = record.listeners.filter(isServed)
  }

  nodes(): Node[] {
    return this.#record.zones.map((zone) => {
      const id = `${this.#identity}/${zone.zone}`
      return {
        id,
        loadBalancer: this.#identity,
        zone: zone.zone,
        addresses: zone.ipv6Address === null ? [zone.address] : [zone.address, zone.ipv6Address],
        listeners: this.#served.map((listener) => this.#listener(id, listener)),
      }
    })
  }

  pools(): Pool[] {
    const pools = new Map<string, Pool>()
    for (const listener of this.#served) {
      const id = this.#poolId(listener)
      if (!pools.has(id)) pools.set(id, this.#pool(id, listener))
    }
    return [...pools.values()]
  }

  checks(): HealthCheck[] {
    const target = parseCheckTarget(this.#record.healthCheck.target)
    if (target === undefined) return []
    const { interval, timeout, healthyThreshold, unhealthyThreshold } = this.#record.healthCheck
    return this.#members.map(({ registration, instance }) => ({
      id: checkIdentity(this.#region, this.#record, registration),
      host: instance.privateIpAddress,
      port: target.port,
      probe: target.probe,
      interval: interval * 1000,
      timeout: timeout * 1000,
      healthyThreshold,
      unhealthyThreshold,
    }))
  }

  #listener(node: string, listener: ListenerRecord): Listener {
    const protocol = neutralProtocol(listener)
    const { attributes } = this.#record
    const base = {
      id: `${node}/${protocol}-${listener.loadBalancerPort}`,
      port: listener.loadBalancerPort,
      pool: this.#poolId(listener),
      idleTimeout: attributes.idleTimeout * 1000,
    }
    if (protocol === 'tcp') return { ...base, protocol }
    const stickiness = this.#stickiness(listener)
    const http = { ...base, protocol, desync: desyncMode(attributes.additional) }
    return stickiness === undefined ? http : { ...http, stickiness }
  }

  #stickiness({ policyNames }: ListenerRecord): Stickiness | undefined {
    for (const { typeName, attributes } of this.#policies(policyNames)) {
      const key = this.#cookieKeys.of(this.#identity)
      const [value = ''] = attributes.map((attribute) => attribute.value)
      if (typeName === 'AppCookieStickinessPolicyType') {
        return { kind: 'app-cookie', key, cookie: value }
      }
      if (typeName === 'LBCookieStickinessPolicyType') {
        // A period of 0 is the browser's session.
        return { kind: 'lb-cookie', key, lifetime: Number(value) * 1000 || null }
      }
    }
    return undefined
  }

  #poolId(listener: ListenerRecord): string {
    return `${this.#identity}/${neutralProtocol(listener)}-${listener.instancePort}`
  }

  #pool(id: string, listener: ListenerRecord): Pool {
    const protocol = neutralProtocol(listener)
    const { attributes } = this.#record
    const spareConnections = attributeNumber(attributes, spareConnectionsPerInstance)
    return {
      id,
      loadBalancer: this.#identity,
      protocol,
      // Guide, "How Elastic Load Balancing works": least outstanding requests for HTTP, round robin for TCP.
      algorithm: protocol === 'http' ? 'least-outstanding' : 'round-robin',
      crossZone: attributes.crossZone,
      proxyProtocol: this.#hasProxyProtocol(listener),
      targets: this.#members.map((member) => this.#target(member, listener.instancePort)),
      draining: this.#drainingTargets(listener.instancePort),
      finishUnhealthy: attributes.connectionDraining.enabled,
      maxConnections: attributeNumber(attributes, maxConnectionsPerInstance),
      slowStart: (attributeNumber(attributes, slowStartSeconds) ?? 0) * 1000,
      ...(spareConnections === null ? {} : { spareConnections }),
    }
  }

  /** Guide, "Listener configurations for Classic Load Balancers": for instance protocol TCP only. */
  #hasProxyProtocol({ instanceProtocol, instancePort }: ListenerRecord): boolean {
    if (instanceProtocol !== 'TCP') return false
    const entry = this.#record.backendPolicies.find((one) => one.instancePort === instancePort)
    return this.#policies(entry?.policyNames ?? []).some(
      ({ typeName, attributes }) =>
        typeName === 'ProxyProtocolPolicyType' &&
        attributes.some(({ value }) => value.toLowerCase() === 'true'),
    )
  }

  #policies(names: readonly string[]): PolicyRecord[] {
    return this.#record.policies.filter(({ name }) => names.includes(name))
  }

  /**
   * Instances that were deregistered have until their end. Those in a zone that is not enabled are out of service, and finish as unhealthy
   * ones do. On a stopped or terminated instance nothing can go on: it is not in the list.
   */
  #drainingTargets(port: number): DrainingTarget[] {
    const { draining, attributes } = this.#record
    const members = new Set(this.#members.map(({ registration }) => registration))
    const others = this.#record.instances.filter((registration) => !members.has(registration))
    const disabled = attributes.connectionDraining.enabled ? others : []
    return [...draining, ...disabled.map((each) => ({ ...each, until: null }))].flatMap((each) => {
      const instance = this.#instances.get(each.instanceId)
      if (instance?.state !== 'running') return []
      return { host: instance.privateIpAddress, port, until: each.until }
    })
  }

  #target({ registration, instance }: Member, port: number): Target {
    return {
      id: instance.instanceId,
      host: instance.privateIpAddress,
      port,
      zone: instance.zone,
      check: checkIdentity(this.#region, this.#record, registration),
    }
  }
}

function membersOf(region: RegionWorld, record: LoadBalancerRecord): Member[] {
  const enabled = new Set(record.zones.map(({ zone }) => zone))
  return record.instances.flatMap((registration) => {
    const instance = region.instances.get(registration.instanceId)
    const takesTraffic = instance?.state === 'running' && enabled.has(instance.zone)
    return takesTraffic ? [{ registration, instance }] : []
  })
}

function isServed(listener: ListenerRecord): boolean {
  return (
    (listener.protocol === 'HTTP' && listener.instanceProtocol === 'HTTP') ||
    (listener.protocol === 'TCP' && listener.instanceProtocol === 'TCP')
  )
}

/** Guide, "Desync mitigation mode" (p. 82): defensive unless the attribute says otherwise. The API has checked its value. */
function desyncMode(additional: AttributesRecord['additional']): DesyncMode {
  const mode = additional.find(({ key }) => key === 'elb.http.desyncmitigationmode')?.value
  return mode === 'monitor' || mode === 'strictest' ? mode : 'defensive'
}

function neutralProtocol(listener: ListenerRecord): 'http' | 'tcp' {
  return listener.protocol === 'HTTP' ? 'http' : 'tcp'
}
