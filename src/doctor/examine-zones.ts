import { checkIdentity } from '../aws/elb/records.ts'
import type { Facts } from './facts.ts'
import { type Finding, fine, notice, problem } from './finding.ts'

/** Can the node of each Availability Zone serve? */
export function examineZones(facts: Facts): Finding[] {
  const { record } = facts
  const healthy = new Map(record.zones.map(({ zone }) => [zone, healthyIn(facts, zone)]))
  const total = [...healthy.values()].reduce((sum, count) => sum + count, 0)
  return [...healthy].map(([zone, count]) => {
    const subject = `zone ${zone}`
    if (total === 0) {
      return problem(subject, 'no healthy instance in any zone: HTTP requests are answered 503', {
        advice: 'See the instances below.',
        page: 113,
      })
    }
    if (count > 0)
      return fine(subject, `${count} healthy ${count === 1 ? 'instance' : 'instances'}`)
    if (record.attributes.crossZone) {
      return notice(
        subject,
        `no healthy instance here; its node uses the ${total} of other zones`,
        {
          advice: 'Register instances here too, so that the zones do not depend on each other.',
          page: 70,
        },
      )
    }
    return problem(
      subject,
      'no healthy instance here, and cross-zone load balancing is off: its node answers 503, and the DNS name leaves it out',
      { advice: 'Register instances here, or enable cross-zone load balancing.', page: 113 },
    )
  })
}

function healthyIn({ record, region, instances, live }: Facts, zone: string): number {
  return record.instances.filter((registration) => {
    const instance = instances.get(registration.instanceId)
    if (instance?.state !== 'running' || instance.zone !== zone) return false
    return live.health(checkIdentity(region, record, registration))?.state === 'healthy'
  }).length
}
