/** What an operation works on: a project, at a time, and what lies outside it. */
import { randomUUID } from 'node:crypto'
import type { ListenerCounters, TargetHealth } from '../../snapshot/status.ts'
import type { SecretBox } from '../../std/secret-box.ts'
import { atomically, reader, type Transaction } from '../../store/transaction.ts'
import type { Call } from '../wire/routes.ts'
import type { LogGroups } from './log-configurations/log-groups.ts'
import type { Networks } from './networks.ts'
import { Project } from './project.ts'
import type { Quotas } from './quotas/quotas.ts'

export interface ElbPorts {
  readonly networks: Networks
  readonly health: { health(check: string): TargetHealth | undefined }
  /** Of all dialects. */
  readonly traffic: { counters(): readonly ListenerCounters[] }
  readonly box: SecretBox
  readonly quotas: Quotas
  readonly logGroups: LogGroups
}

export interface Scope {
  readonly project: Project
  readonly ports: ElbPorts
  /** Milliseconds since the Unix epoch. */
  readonly now: number
}

export interface Change extends Scope {
  readonly tx: Transaction
  /** What was seen to be good outside the store, by whoever looked: not to be looked at again when the change is made again. */
  readonly checked: Set<string>
}

/** Looks at a project as it is. */
export async function inspect<T>(
  { store, clock, projectId }: Call,
  ports: ElbPorts,
  look: (scope: Scope) => T | Promise<T>,
): Promise<T> {
  const project = await Project.read(reader(store), projectId)
  return look({ project, ports, now: clock.now() })
}

/** Changes a project: all that `make` does, or nothing. It is made again when others change the project meanwhile. */
export function change<T>(
  { store, clock, projectId }: Call,
  ports: ElbPorts,
  make: (change: Change) => T | Promise<T>,
): Promise<T> {
  const checked = new Set<string>()
  return atomically(store, async (tx) => {
    const project = await Project.open(tx, projectId)
    return make({ project, ports, tx, checked, now: clock.now() })
  })
}

/** `2024-06-20T08:00:00Z`. */
export function timestamp(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(0, 19)}Z`
}

/** What every new resource has. */
export function newResource({ project, now }: Scope) {
  const at = timestamp(now)
  return { id: randomUUID(), project_id: project.id, created_at: at, updated_at: at }
}

/** What a request may have of a record. */
export type Fields<R> = { readonly [K in keyof R]?: R[K] | undefined }

/** The record with those fields changed that are there: an absent one stays as it is, null is a value. */
export function changed<R extends object>(record: R, fields: Fields<NoInfer<R>>): R {
  const present = Object.entries(fields).filter(([, value]) => value !== undefined)
  return { ...record, ...Object.fromEntries(present) }
}
