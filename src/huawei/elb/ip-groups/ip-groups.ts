import { conflict, overQuota } from '../../wire/errors.ts'
import type { Project } from '../project.ts'
import { checkQuota } from '../quotas/quotas.ts'
import type { IpGroupRecord, ListenerRecord } from '../records.ts'
import { type Change, changed, newResource, timestamp } from '../scope.ts'
import { canonicalAddress } from './addresses.ts'
import {
  type IpGroupCreation,
  type IpGroupFields,
  type IpGroupUpdate,
  maxAddresses,
  type SentEntry,
} from './schema.ts'

type Entry = IpGroupFields['ip_list'][number]

/** @throws HuaweiError ELB.8902, ELB.8905 */
export function createIpGroup(change: Change, fields: IpGroupCreation): IpGroupRecord {
  const { project, ports } = change
  checkQuota(ports.quotas, 'ipgroup', countedIpGroups(project))
  const { name = '', description = '', ip_list } = fields
  return project.ipGroups.put({
    ...newResource(change),
    name,
    description,
    ip_list: merged([], ip_list),
  })
}

/** How many count against the quota: those that no listener has as its own. */
export function countedIpGroups(project: Project): number {
  return project.ipGroups.where(({ id }) => project.listeners.find(id) === undefined).length
}

/** A listener's own group has the listener's id, and goes with it; undefined: it has none, or another listener has come to use it. */
export function ownIpGroupOf(
  project: Project,
  { id }: Pick<ListenerRecord, 'id'>,
): IpGroupRecord | undefined {
  const own = project.ipGroups.find(id)
  if (own === undefined) return undefined
  const others = ipGroupUsers(project, own).filter((listener) => listener.id !== id)
  return others.length === 0 ? own : undefined
}

/** @throws HuaweiError ELB.8902 */
export function putOwnIpGroup(
  change: Change,
  { id }: ListenerRecord,
  addresses: readonly string[],
): IpGroupRecord {
  const { project, now } = change
  const fresh = { ...newResource(change), id, name: 'allowed_cidrs', description: '' }
  return project.ipGroups.put({
    ...(project.ipGroups.find(id) ?? fresh),
    ip_list: merged(
      [],
      addresses.map((ip) => ({ ip })),
    ),
    updated_at: timestamp(now),
  })
}

/** A list that is sent takes the place of the whole list. */
export function updateIpGroup(
  { project, now }: Change,
  record: IpGroupRecord,
  { ip_list, ...fields }: IpGroupUpdate,
): IpGroupRecord {
  return project.ipGroups.put({
    ...changed(record, fields),
    ip_list: ip_list === undefined ? record.ip_list : merged([], ip_list),
    updated_at: timestamp(now),
  })
}

/** Addresses that are there get the description that was sent; the others are added. @throws HuaweiError ELB.8905 */
export function putAddresses(
  { project, now }: Change,
  record: IpGroupRecord,
  sent: readonly SentEntry[],
): IpGroupRecord {
  const ip_list = merged(record.ip_list, sent)
  if (ip_list.length > maxAddresses) throw overQuota('ip_list')
  return project.ipGroups.put({ ...record, ip_list, updated_at: timestamp(now) })
}

export function deleteAddresses(
  { project, now }: Change,
  record: IpGroupRecord,
  sent: readonly { readonly ip: string }[],
): IpGroupRecord {
  const gone = new Set(sent.map(({ ip }) => canonicalAddress(ip)))
  const ip_list = record.ip_list.filter(({ ip }) => !gone.has(ip))
  return project.ipGroups.put({ ...record, ip_list, updated_at: timestamp(now) })
}

function merged(existing: readonly Entry[], sent: readonly SentEntry[]): Entry[] {
  const byAddress = new Map(existing.map((entry) => [entry.ip, entry]))
  for (const { ip: text, description } of sent) {
    const ip = canonicalAddress(text)
    byAddress.set(ip, { ip, description: description ?? byAddress.get(ip)?.description ?? '' })
  }
  return [...byAddress.values()]
}

/** @throws HuaweiError ELB.8907 while a listener uses it */
export function deleteIpGroup({ project }: Change, record: IpGroupRecord): void {
  const [listener] = ipGroupUsers(project, record)
  if (listener !== undefined) {
    throw conflict(`IP group ${record.id} is used by listener ${listener.id}`)
  }
  project.ipGroups.delete(record.id)
}

export function ipGroupUsers(project: Project, { id }: IpGroupRecord): ListenerRecord[] {
  return project.listeners.where(({ ipgroup }) => ipgroup?.ipgroup_id === id)
}
