/**
 * All resources of one project, read at once: rules look at many of them, and are plain functions over this. What is put or deleted is
 * written by the transaction that the project was read in.
 */
import type { Reader, Transaction } from '../../store/transaction.ts'
import { type HuaweiError, notFound } from '../wire/errors.ts'
import {
  type CertificateRecord,
  type HealthMonitorRecord,
  huaweiKeys,
  type IpGroupRecord,
  type Kind,
  type L7PolicyRecord,
  type L7RuleRecord,
  type ListenerRecord,
  type LoadBalancerRecord,
  type LogConfigurationRecord,
  type MemberRecord,
  type PoolRecord,
  type SecurityPolicyRecord,
} from './records.ts'

/** The resources of one kind. */
export class Table<R extends { readonly id: string }> {
  readonly #kind: Kind
  readonly #records: Map<string, R>
  readonly #write: (id: string, record: R | null) => void

  constructor(kind: Kind, records: Iterable<R>, write: (id: string, record: R | null) => void) {
    this.#kind = kind
    this.#records = new Map([...records].map((record) => [record.id, record]))
    this.#write = write
  }

  /** In order of id. */
  all(): R[] {
    return [...this.#records.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
  }

  where(matches: (record: R) => boolean): R[] {
    return this.all().filter(matches)
  }

  find(id: string): R | undefined {
    return this.#records.get(id)
  }

  /** @throws HuaweiError ELB.8904 */
  need(id: string): R {
    const record = this.#records.get(id)
    if (record === undefined) throw this.missing(id)
    return record
  }

  missing(id: string): HuaweiError {
    return notFound(this.#kind, id)
  }

  put(record: R): R {
    this.#records.set(record.id, record)
    this.#write(record.id, record)
    return record
  }

  delete(id: string): void {
    this.#records.delete(id)
    this.#write(id, null)
  }
}

type Entries = readonly (readonly [key: string, record: unknown])[]

export class Project {
  readonly id: string
  readonly loadBalancers: Table<LoadBalancerRecord>
  readonly listeners: Table<ListenerRecord>
  readonly pools: Table<PoolRecord>
  readonly members: Table<MemberRecord>
  readonly healthMonitors: Table<HealthMonitorRecord>
  readonly certificates: Table<CertificateRecord>
  readonly ipGroups: Table<IpGroupRecord>
  readonly securityPolicies: Table<SecurityPolicyRecord>
  readonly l7Policies: Table<L7PolicyRecord>
  readonly l7Rules: Table<L7RuleRecord>
  readonly logConfigurations: Table<LogConfigurationRecord>

  /** @param write stores a record, or with null deletes it */
  constructor(id: string, entries: Entries, write: (key: string, record: unknown) => void) {
    this.id = id
    const table = <R extends { readonly id: string }>(kind: Kind) => {
      const prefix = huaweiKeys.resource(id, kind, '')
      const records = entries.filter(([key]) => key.startsWith(prefix))
      return new Table<R>(
        kind,
        records.map(([, record]) => record as R),
        (recordId, record) => write(prefix + recordId, record),
      )
    }
    this.loadBalancers = table('loadbalancer')
    this.listeners = table('listener')
    this.pools = table('pool')
    this.members = table('member')
    this.healthMonitors = table('healthmonitor')
    this.certificates = table('certificate')
    this.ipGroups = table('ipgroup')
    this.securityPolicies = table('security_policy')
    this.l7Policies = table('l7policy')
    this.l7Rules = table('l7rule')
    this.logConfigurations = table('logtank')
  }

  /** To look at only. */
  static async read(reader: Reader, id: string): Promise<Project> {
    return new Project(id, await reader.entries(huaweiKeys.project(id)), () => {
      throw new Error('the project was read to be looked at')
    })
  }

  static async open(tx: Transaction, id: string): Promise<Project> {
    return new Project(id, await tx.entries(huaweiKeys.project(id)), (key, record) => {
      if (record === null) tx.delete(key)
      else tx.put(key, record)
    })
  }
}
