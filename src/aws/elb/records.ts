/** A Classic Load Balancer as it is stored: one document, so that one compare-and-swap changes it. */
export interface LoadBalancerRecord {
  readonly name: string
  /** Unique for ever: a load balancer made anew under its old name gets another. The digits of the DNS name. */
  readonly id: string
  /** ISO 8601 with milliseconds. */
  readonly createdTime: string
  readonly scheme: 'internet-facing' | 'internal'
  readonly dnsName: string
  readonly vpcId: string
  /** One per enabled zone; the node's address is that of its network interface. */
  readonly zones: readonly ZoneRecord[]
  readonly securityGroups: readonly string[]
  readonly listeners: readonly ListenerRecord[]
  readonly healthCheck: HealthCheckRecord
  /** In order of registration. */
  readonly instances: readonly RegistrationRecord[]
  /** Registrations that have ended, and may finish what they have in flight. Those whose end has passed may still be listed. */
  readonly draining: readonly DrainingRecord[]
  /** Instances that were registered once and are not now: their health can still be asked. */
  readonly formerInstances: readonly string[]
  readonly policies: readonly PolicyRecord[]
  /** Policies on instance ports (SetLoadBalancerPoliciesForBackendServer); a port without any has no entry. */
  readonly backendPolicies: readonly BackendPoliciesRecord[]
  readonly attributes: AttributesRecord
  readonly tags: readonly TagRecord[]
}

export interface ZoneRecord {
  /** e.g. `us-west-2a`. */
  readonly zone: string
  readonly subnetId: string
  readonly networkInterfaceId: string
  readonly address: string
  readonly ipv6Address: string | null
}

export type ProtocolName = 'HTTP' | 'HTTPS' | 'TCP' | 'SSL'

export interface ListenerRecord {
  readonly protocol: ProtocolName
  readonly loadBalancerPort: number
  readonly instanceProtocol: ProtocolName
  readonly instancePort: number
  readonly certificateArn: string | null
  readonly policyNames: readonly string[]
}

/** Seconds, as in the API; `target` as the client wrote it, e.g. `HTTP:80/ping`. */
export interface HealthCheckRecord {
  readonly target: string
  readonly interval: number
  readonly timeout: number
  readonly unhealthyThreshold: number
  readonly healthyThreshold: number
}

export interface RegistrationRecord {
  readonly instanceId: string
  /** Unique for each registration, so that a new one starts with no health of the old. */
  readonly registrationId: string
}

export interface DrainingRecord extends RegistrationRecord {
  /** When connections are closed by force, in milliseconds since the epoch. */
  readonly until: number
}

export interface PolicyRecord {
  readonly name: string
  readonly typeName: string
  /**
   * As sent, in order; of an SSL negotiation policy `Reference-Security-Policy`, if it was made from a predefined one, and then
   * the switches (protocols, server order, ciphers) that are on, each with the value `true`.
   */
  readonly attributes: readonly PolicyAttributeRecord[]
}

export interface PolicyAttributeRecord {
  readonly name: string
  readonly value: string
}

export interface BackendPoliciesRecord {
  readonly instancePort: number
  readonly policyNames: readonly string[]
}

export interface AttributesRecord {
  readonly crossZone: boolean
  readonly accessLog: {
    readonly enabled: boolean
    readonly s3BucketName: string | null
    readonly s3BucketPrefix: string | null
    readonly emitInterval: number | null
  }
  readonly connectionDraining: { readonly enabled: boolean; readonly timeout: number }
  /** Seconds. */
  readonly idleTimeout: number
  readonly additional: readonly { readonly key: string; readonly value: string }[]
}

export interface TagRecord {
  readonly key: string
  readonly value: string
}

export const elbKeys = {
  all: 'elb/',
  loadBalancers: (region: string) => `elb/${region}/load-balancer/`,
  loadBalancer: (region: string, name: string) => `elb/${region}/load-balancer/${name}`,
} as const

/** Identity of a load balancer in the neutral model. */
export function loadBalancerIdentity(region: string, record: LoadBalancerRecord): string {
  return `aws/${region}/${record.name}/${record.id}`
}

/** Whose {@link loadBalancerIdentity} it is, also when it is no more; undefined when it is another dialect's. */
export function loadBalancerOf(identity: string): { region: string; name: string } | undefined {
  const [dialect, region, name] = identity.split('/')
  if (dialect !== 'aws' || region === undefined || name === undefined) return undefined
  return { region, name }
}

/** Identity of an instance's health check in the neutral model: the guide has one check an instance and load balancer. */
export function checkIdentity(
  region: string,
  record: LoadBalancerRecord,
  registration: RegistrationRecord,
): string {
  return `${loadBalancerIdentity(region, record)}/${registration.instanceId}/${registration.registrationId}`
}
