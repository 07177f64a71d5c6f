import ipaddr from 'ipaddr.js'
import { conflict, HuaweiError, invalidInput, notFound } from '../../wire/errors.ts'
import { isHttp } from '../protocols.ts'
import { checkQuota } from '../quotas/quotas.ts'
import type { DrainingRecord, MemberRecord, PoolRecord } from '../records.ts'
import { loadBalancersOf, membersOf } from '../relations.ts'
import { type Change, changed, newResource, timestamp } from '../scope.ts'
import type { MemberCreation, MemberDeletion, MemberUpdate } from './schema.ts'

const defaults = { name: '', admin_state_up: true, weight: 1 }

/** @throws HuaweiError ELB.8902, ELB.8904, ELB.8905; ELB.8907 for an address and port that the pool has; ELB.8939 */
export async function createMember(
  change: Change,
  pool: PoolRecord,
  fields: MemberCreation,
): Promise<MemberRecord> {
  const { project, ports } = change
  checkQuota(ports.quotas, 'member', project.members.all().length)
  const { protocol_port, subnet_cidr_id, ...given } = fields
  const address = canonical(fields.address)
  checkUnique(change, pool, address, protocol_port)
  await checkPlace(change, pool, address, subnet_cidr_id ?? null)
  return project.members.put({
    ...changed(defaults, given),
    ...newResource(change),
    pool_id: pool.id,
    address,
    protocol_port,
    subnet_cidr_id: subnet_cidr_id ?? null,
  })
}

/** The one way in which an address is written. */
function canonical(address: string): string {
  return ipaddr.isValid(address) ? ipaddr.parse(address).toString() : address
}

function checkUnique({ project }: Change, pool: PoolRecord, address: string, port: number): void {
  const other = membersOf(project, pool).find(
    (each) => each.address === address && each.protocol_port === port,
  )
  if (other === undefined) return
  throw conflict(`Pool ${pool.id} already has member ${other.id} with ${address} and port ${port}`)
}

/** A member is in a subnet of the load balancer's VPC, or is any address if the load balancer allows that. */
async function checkPlace(
  { project, tx, ports }: Change,
  pool: PoolRecord,
  address: string,
  subnetId: string | null,
): Promise<void> {
  const family = address.includes(':') ? 'v6' : 'v4'
  if (pool.ip_version !== 'dualstack' && pool.ip_version !== family) {
    throw invalidInput(
      `Invalid input for 'address': ${address}. Pool ${pool.id} has ip_version ${pool.ip_version}.`,
    )
  }
  const balancers = loadBalancersOf(project, pool).flatMap(
    (id) => project.loadBalancers.find(id) ?? [],
  )
  if (subnetId === null) {
    const closed = balancers.find(({ ip_target_enable }) => !ip_target_enable)
    if (closed === undefined) return
    throw ipTargetsDisabled(address, closed)
  }
  const subnet = await ports.networks.findSubnet(tx, subnetId)
  if (subnet === undefined) throw notFound('subnet', subnetId)
  if (!subnet.ranges.some((range) => isIn(address, range))) {
    throw invalidInput(`Invalid input for 'address': ${address}. It is not in subnet ${subnetId}.`)
  }
}

/** Of a member without a subnet. */
export function ipTargetsDisabled(address: string, { id }: { readonly id: string }): HuaweiError {
  return new HuaweiError(
    400,
    'ELB.8939',
    `Member ${address} has no subnet_cidr_id, and ip_target_enable of load balancer ${id} is not true`,
  )
}

function isIn(address: string, range: string): boolean {
  const parsed = ipaddr.parse(address)
  const [base, bits] = ipaddr.parseCIDR(range)
  return parsed.kind() === base.kind() && parsed.match(base, bits)
}

export function updateMember(
  { project, now }: Change,
  record: MemberRecord,
  fields: MemberUpdate,
): MemberRecord {
  return project.members.put({ ...changed(record, fields), updated_at: timestamp(now) })
}

/** The longest that a response may take: see a listener's `member_timeout`. */
const longestResponseMs = 300_000

/** What the member has in flight goes on: of HTTP as long as a response may take, of TCP as long as the pool's connection_drain says. */
export function deleteMember({ project, now }: Change, record: MemberRecord): void {
  const pool = project.pools.need(record.pool_id)
  if (pool.member_deletion_protection_enable) {
    throw conflict(`Pool ${pool.id} is protected: member_deletion_protection_enable is true`)
  }
  project.members.delete(record.id)
  const { id, address, protocol_port } = record
  const until = now + drainMs(pool)
  const draining: DrainingRecord[] = [{ id, address, protocol_port, until }, ...pool.draining]
  project.pools.put({ ...pool, draining: draining.filter((each) => each.until > now) })
}

function drainMs({ protocol, connection_drain }: PoolRecord): number {
  if (connection_drain?.enable) return connection_drain.timeout * 1000
  return isHttp(protocol) ? longestResponseMs : 0
}

/** The member of a pool that an entry of `batch-delete` names, by its id or its address and port. */
export function needMember(
  { project }: Change,
  pool: PoolRecord,
  wanted: MemberDeletion,
): MemberRecord {
  const { id, protocol_port } = wanted
  const address = wanted.address === undefined ? undefined : canonical(wanted.address)
  const member = membersOf(project, pool).find(
    (each) =>
      (id === undefined || each.id === id) &&
      (address === undefined || each.address === address) &&
      (protocol_port === undefined || each.protocol_port === protocol_port),
  )
  if (id === undefined && (address === undefined || protocol_port === undefined)) {
    throw invalidInput("A member is named by its 'id', or by its 'address' and 'protocol_port'")
  }
  if (member === undefined) throw notFound('member', id ?? `${address}:${protocol_port}`)
  return member
}
