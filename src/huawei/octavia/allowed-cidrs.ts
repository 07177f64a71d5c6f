/** Whose connections a listener takes. The ELB API has IP address groups for that: what is allowed here is a group of the listener's own. */
import { ownIpGroupOf, putOwnIpGroup } from '../elb/ip-groups/ip-groups.ts'
import { updateListener } from '../elb/listeners/listeners.ts'
import type { Project } from '../elb/project.ts'
import type { ListenerRecord } from '../elb/records.ts'
import type { Change } from '../elb/scope.ts'

/** CIDR blocks; null: everybody's, or everybody's but those that a group of the ELB API denies. */
export function allowedCidrs(project: Project, { ipgroup }: ListenerRecord): string[] | null {
  if (ipgroup === null || !ipgroup.enable_ipgroup || ipgroup.type === 'black') return null
  return project.ipGroups.need(ipgroup.ipgroup_id).ip_list.map(({ ip }) => asBlock(ip))
}

/** The ELB API has an address alone without its length. */
function asBlock(ip: string): string {
  if (ip.includes('/')) return ip
  return `${ip}/${ip.includes(':') ? 128 : 32}`
}

/**
 * @param cidrs null or none: everybody's, if it was not everybody's before
 * @throws HuaweiError ELB.8902 for what is no block
 */
export function allow(
  made: Change,
  record: ListenerRecord,
  cidrs: readonly string[] | null,
): ListenerRecord {
  const { project } = made
  if (cidrs === null || cidrs.length === 0) {
    if (allowedCidrs(project, record) === null) return record
    const open = updateListener(made, record, { ipgroup: null })
    const own = ownIpGroupOf(project, record)
    if (own !== undefined) project.ipGroups.delete(own.id)
    return open
  }
  const { id } = putOwnIpGroup(made, record, cidrs)
  return updateListener(made, record, {
    ipgroup: { ipgroup_id: id, enable_ipgroup: true, type: 'white' },
  })
}
