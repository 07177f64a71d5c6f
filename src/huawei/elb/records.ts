/**
 * The resources of Huawei Cloud's ELB as they are stored, with the names that the API has for their attributes. A project is a namespace:
 * every key starts with it.
 */
import type { CertificateFields } from './certificates/schema.ts'
import type { HealthMonitorFields } from './health-monitors/schema.ts'
import type { IpGroupFields } from './ip-groups/schema.ts'
import type { L7PolicyFields } from './l7-policies/schema.ts'
import type { L7RuleFields } from './l7-rules/schema.ts'
import type { ListenerFields } from './listeners/schema.ts'
import type { LoadBalancerFields } from './load-balancers/schema.ts'
import type { LogConfigurationFields } from './log-configurations/schema.ts'
import type { MemberFields } from './members/schema.ts'
import type { PoolFields } from './pools/schema.ts'
import type { SecurityPolicyFields } from './security-policies/schema.ts'

interface Resource {
  readonly id: string
  readonly project_id: string
  /** `2024-06-20T08:00:00Z`. */
  readonly created_at: string
  readonly updated_at: string
  /** Octavia has them for every resource, the ELB API for load balancers and listeners. */
  readonly tags?: readonly TagRecord[]
}

export interface LoadBalancerRecord extends Resource, LoadBalancerFields {
  readonly vpc_id: string
  readonly vip_subnet_cidr_id: string
  readonly ipv6_vip_virsubnet_id: string | null
  readonly availability_zone_list: readonly string[]
  /** As it was asked for, when Octavia's clients made it. */
  readonly asked?: { readonly provider: string; readonly availability_zone: string | null }
  readonly enterprise_project_id: string
  /** Where clients reach it. */
  readonly vip: AddressRecord
  /** Where clients reach it from outside; null: nowhere. */
  readonly eip: AddressRecord | null
  readonly tags: readonly TagRecord[]
}

/** A network interface with an address of a subnet. */
export interface AddressRecord {
  readonly interface_id: string
  readonly address: string
  readonly ipv6_address: string | null
}

export interface TagRecord {
  readonly key: string
  readonly value: string
}

export interface ListenerRecord extends Resource, ListenerFields {
  readonly loadbalancer_id: string
  readonly protocol: ListenerProtocol
  /** false: members are not told clients' addresses (X-Forwarded-For). Only Octavia's clients can have it so. */
  readonly forwarded_for?: boolean
  readonly protocol_port: number
  readonly tags: readonly TagRecord[]
}

export type ListenerProtocol = 'TCP' | 'HTTP' | 'HTTPS' | 'TLS'

export interface PoolRecord extends Resource, PoolFields {
  readonly protocol: PoolProtocol
  /** Of its members' addresses. */
  readonly ip_version: 'v4' | 'v6' | 'dualstack'
  /** The load balancer that it was made for; null: any may use it. */
  readonly loadbalancer_id: string | null
  /** Members that are gone, and may finish what they have in flight. Those whose end has passed may still be listed. */
  readonly draining: readonly DrainingRecord[]
}

export type PoolProtocol = 'TCP' | 'HTTP' | 'HTTPS' | 'TLS'

export interface DrainingRecord {
  /** Of the member. */
  readonly id: string
  readonly address: string
  readonly protocol_port: number
  /** When connections are closed by force, in milliseconds since the epoch. */
  readonly until: number
}

export interface MemberRecord extends Resource, MemberFields {
  readonly pool_id: string
  readonly address: string
  readonly protocol_port: number
  readonly subnet_cidr_id: string | null
}

export interface HealthMonitorRecord extends Resource, HealthMonitorFields {
  readonly pool_id: string
  /** Of HTTP; null: nobody named one. Only Octavia's clients do. */
  readonly http_version?: 1.1 | null
}

export interface CertificateRecord extends Resource, CertificateFields {
  /** PEM, the server's own certificate first; of a client CA, its authorities. */
  readonly certificate: string
  /** PEM of the private key, sealed under the record's own key in the store; null: of a client CA. */
  readonly sealed_key: string | null
  readonly type: 'server' | 'client'
  readonly expire_time: string
  readonly common_name: string
  readonly fingerprint: string
  readonly subject_alternative_names: readonly string[]
  readonly key_kind: 'RSA' | 'ECC'
}

export interface IpGroupRecord extends Resource, IpGroupFields {}

export interface L7PolicyRecord extends Resource, L7PolicyFields {
  readonly listener_id: string
  readonly action:
    | 'REDIRECT_TO_POOL'
    | 'REDIRECT_TO_LISTENER'
    | 'REDIRECT_TO_URL'
    | 'FIXED_RESPONSE'
  readonly position: number
}

export interface L7RuleRecord extends Resource, L7RuleFields {
  readonly l7policy_id: string
}

export interface LogConfigurationRecord extends Resource, LogConfigurationFields {
  readonly loadbalancer_id: string
}

export interface SecurityPolicyRecord extends Resource, SecurityPolicyFields {}

export const huaweiKeys = {
  all: 'huawei/',
  project: (projectId: string) => `huawei/${projectId}/`,
  resource: (projectId: string, kind: Kind, id: string) => `huawei/${projectId}/${kind}/${id}`,
} as const

/** Kinds of resources, as errors name them. */
export const kinds = [
  'loadbalancer',
  'listener',
  'pool',
  'member',
  'healthmonitor',
  'certificate',
  'ipgroup',
  'security_policy',
  'l7policy',
  'l7rule',
  'logtank',
] as const

export type Kind = (typeof kinds)[number]

/** Identity of a load balancer in the neutral model. */
export function loadBalancerIdentity({
  project_id,
  id,
}: Pick<LoadBalancerRecord, 'project_id' | 'id'>): string {
  return `huawei/${project_id}/${id}`
}

/** Identity of a listener in the neutral model. */
export function listenerIdentity({ project_id, loadbalancer_id, id }: ListenerRecord): string {
  return `${loadBalancerIdentity({ project_id, id: loadbalancer_id })}/${id}`
}

/** The load balancer of an {@link loadBalancerIdentity identity}; undefined: it is of another dialect. */
export function loadBalancerOf(
  identity: string,
): Pick<LoadBalancerRecord, 'project_id' | 'id'> | undefined {
  const [, project_id, id] = /^huawei\/([^/]+)\/([^/]+)$/.exec(identity) ?? []
  return project_id === undefined || id === undefined ? undefined : { project_id, id }
}

/** Identity of a member's health check in the neutral model: one, whoever uses its pool. */
export function checkIdentity({ project_id, pool_id, id }: MemberRecord): string {
  return `huawei/${project_id}/${pool_id}/${id}`
}
