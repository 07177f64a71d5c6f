/**
 * Classic Load Balancers as the neutral model: a pure function. A load balancer gives one node a zone; each pair of
 * instance protocol and port that its listeners name gives one pool, shared by those listeners; each registration gives one check,
 * because the guide has one health check an instance and load balancer ("Configure health checks", page 15).
 * An HTTPS or SSL listener whose certificate cannot be used opens no port.
 */
import type { InstanceRecord } from '../aws/ec2/records.ts'
import {
  accessLogJson,
  attributeFlag,
  attributeNumber,
  http2,
  maxConnectionsPerInstance,
  slowStartSeconds,
  spareConnectionsPerInstance,
} from '../aws/elb/additional-attributes.ts'
import { isHttp, isSecure } from '../aws/elb/protocols.ts'
import {
  type AttributesRecord,
  checkIdentity,
  type ListenerRecord,
  type LoadBalancerRecord,
  loadBalancerIdentity,
  type PolicyRecord,
  type ProtocolName,
  type RegistrationRecord,
} from '../aws/elb/records.ts'
import type {
  AccessLog,
  Certificate,
  DesyncMode,
  DrainingTarget,
  HealthCheck,
  Listener,
  ListenerTls,
  Node,
  Pool,
  Probe,
  Target,
} from '../snapshot/snapshot.ts'
import type { Stickiness } from '../snapshot/stickiness.ts'
import { targetTls, tlsPolicy } from './translate-tls.ts'
import type { Part, Shared } from './translation.ts'
import type { RegionWorld } from './world.ts'

export function translateElb(
  region: RegionWorld,
  record: LoadBalancerRecord,
  shared: Shared,
): Part {
  const translation = new Translation(region, record, shared)
  return {
    nodes: translation.nodes(),
    pools: translation.pools(),
    checks: translation.checks(),
    certificates: translation.certificates(),
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
  readonly #shared: Shared

  constructor(region: RegionWorld, record: LoadBalancerRecord, shared: Shared) {
    this.#shared = shared
    this.#identity = loadBalancerIdentity(region.region, record)
    this.#region = region.region
    this.#record = record
    this.#instances = region.instances
    this.#members = membersOf(region, record)
    this.#served = record.listeners.filter(
      (listener) => !isSecure(listener.protocol) || this.#certificate(listener) !== undefined,
    )
  }

  nodes(): Node[] {
    const accessLog = this.#accessLog()
    return this.#record.zones.map((zone) => {
      const id = `${this.#identity}/${zone.zone}`
      return {
        id,
        loadBalancer: this.#identity,
        zone: zone.zone,
        addresses: zone.ipv6Address === null ? [zone.address] : [zone.address, zone.ipv6Address],
        listeners: this.#served.map((listener) => this.#listener(id, listener)),
        ...this.#absentTargets(zone.zone),
        ...(accessLog === undefined ? {} : { accessLog }),
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

  #absentTargets(zone: string): Pick<Node, 'absentTargets'> {
    const absent = this.#record.instances.filter(({ instanceId }) => {
      const instance = this.#instances.get(instanceId)
      return instance?.zone === zone && instance.state !== 'running'
    })
    return absent.length === 0 ? {} : { absentTargets: absent.length }
  }

  #accessLog(): AccessLog | undefined {
    const { enabled, s3BucketName, s3BucketPrefix, emitInterval } =
      this.#record.attributes.accessLog
    if (!enabled || s3BucketName === null) return undefined
    return {
      loadBalancerName: this.#record.name,
      account: this.#shared.accountId,
      region: this.#region,
      bucket: s3BucketName,
      prefix: s3BucketPrefix ?? '',
      interval: (emitInterval ?? 60) * 60_000,
      ...(attributeFlag(this.#record.attributes, accessLogJson) ? { format: 'json' } : {}),
    }
  }

  /** Those of its listeners. */
  certificates(): Certificate[] {
    return this.#served.flatMap((listener) => this.#certificate(listener) ?? [])
  }

  checks(): HealthCheck[] {
    const { interval, timeout, healthyThreshold, unhealthyThreshold } = this.#record.healthCheck
    const { port, probe } = this.#checkTarget()
    return this.#members.map(({ registration, instance }) => ({
      id: checkIdentity(this.#region, this.#record, registration),
      host: instance.privateIpAddress,
      port,
      probe,
      interval: interval * 1000,
      timeout: timeout * 1000,
      healthyThreshold,
      unhealthyThreshold,
    }))
  }

  /** `HTTP:80/ping` in its parts. The API has checked it. */
  #checkTarget(): { port: number; probe: Probe } {
    const { target } = this.#record.healthCheck
    const [, name = '', digits, path = '/'] = /^([A-Za-z]+):(\d+)(\/.*)?$/.exec(target) ?? []
    const protocol = name.toUpperCase() as ProtocolName
    const port = Number(digits)
    const probe: Probe = isHttp(protocol) ? { protocol: 'http', path } : { protocol: 'tcp' }
    // An instance that shows another key than it has to is not healthy (guide, page 117).
    const tls = isSecure(protocol) ? { tls: targetTls(this.#record, port) } : {}
    return { port, probe: { ...probe, ...tls } }
  }

  #listener(node: string, listener: ListenerRecord): Listener {
    const { attributes } = this.#record
    const protocol = neutralProtocol(listener.protocol)
    const tls = this.#tls(listener)
    const base = {
      id: `${node}/${listener.protocol.toLowerCase()}-${listener.loadBalancerPort}`,
      port: listener.loadBalancerPort,
      pool: this.#poolId(listener),
      idleTimeout: attributes.idleTimeout * 1000,
      ...(tls === undefined ? {} : { tls }),
    }
    if (protocol === 'tcp') return { ...base, protocol }
    const stickiness = this.#stickiness(listener)
    const offersHttp2 = tls !== undefined && attributeFlag(attributes, http2)
    const http = {
      ...base,
      protocol,
      desync: desyncMode(attributes.additional),
      ...(offersHttp2 ? { http2: true } : {}),
    }
    return stickiness === undefined ? http : { ...http, stickiness }
  }

  /** One certificate, whichever server the client names: there is no Server Name Indication (guide, page 39). */
  #tls(listener: ListenerRecord): ListenerTls | undefined {
    const certificate = this.#certificate(listener)
    if (certificate === undefined) return undefined
    return {
      certificate: certificate.id,
      sni: [],
      sniMatch: 'wildcard',
      policy: tlsPolicy(this.#policies(listener.policyNames)),
      clientCa: null,
    }
  }

  #certificate({ certificateArn }: ListenerRecord): Certificate | undefined {
    return certificateArn === null ? undefined : this.#shared.certificates.get(certificateArn)
  }

  #stickiness({ policyNames }: ListenerRecord): Stickiness | undefined {
    for (const { typeName, attributes } of this.#policies(policyNames)) {
      const key = this.#shared.cookieKeys.of(this.#identity)
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
    return `${this.#identity}/${listener.instanceProtocol.toLowerCase()}-${listener.instancePort}`
  }

  #pool(id: string, listener: ListenerRecord): Pool {
    const { instanceProtocol, instancePort } = listener
    const protocol = neutralProtocol(instanceProtocol)
    const { attributes } = this.#record
    const spareConnections = attributeNumber(attributes, spareConnectionsPerInstance)
    return {
      id,
      loadBalancer: this.#identity,
      protocol,
      ...(isSecure(instanceProtocol) ? { tls: targetTls(this.#record, instancePort) } : {}),
      // Guide, "How Elastic Load Balancing works": least outstanding requests for HTTP, round robin for TCP.
      algorithm: protocol === 'http' ? 'least-outstanding' : 'round-robin',
      crossZone: attributes.crossZone,
      proxyProtocol: this.#hasProxyProtocol(listener),
      targets: this.#members.map((member) => this.#target(member, instancePort)),
      draining: this.#drainingTargets(instancePort),
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
      const id = checkIdentity(this.#region, this.#record, each)
      return { id, host: instance.privateIpAddress, port, until: each.until }
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

/** Guide, "Desync mitigation mode" (p. 82): defensive unless the attribute says otherwise. The API has checked its value. */
function desyncMode(additional: AttributesRecord['additional']): DesyncMode {
  const mode = additional.find(({ key }) => key === 'elb.http.desyncmitigationmode')?.value
  return mode === 'monitor' || mode === 'strictest' ? mode : 'defensive'
}

function neutralProtocol(protocol: ProtocolName): 'http' | 'tcp' {
  return isHttp(protocol) ? 'http' : 'tcp'
}
