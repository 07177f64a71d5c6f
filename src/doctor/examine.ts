/** Goes through the guide's troubleshooting tables (pages 110–119) for one load balancer, with what is true now. */
import type { LoadBalancerRecord } from '../aws/elb/records.ts'
import { examineInstances } from './examine-instances.ts'
import { examineListeners } from './examine-listeners.ts'
import { examineResponses } from './examine-responses.ts'
import { examineZones } from './examine-zones.ts'
import type { Facts } from './facts.ts'
import { type Finding, fine, notice, problem } from './finding.ts'

export interface Examination {
  readonly region: string
  readonly loadBalancer: string
  readonly dnsName: LoadBalancerRecord['dnsName']
  readonly findings: readonly Finding[]
}

export function examine(facts: Facts): Examination {
  const { region, record } = facts
  return {
    region,
    loadBalancer: record.name,
    dnsName: record.dnsName,
    findings: [
      ...examineProxies(facts),
      ...examineListeners(facts),
      ...examineZones(facts),
      ...examineInstances(facts),
      ...examineResponses(facts),
      ...examineAccessLog(facts),
    ],
  }
}

function examineProxies({ live }: Facts): Finding[] {
  if (live.connected > 0) return [fine('proxies', `${live.connected} connected`)]
  return [
    problem(
      'proxies',
      'none is connected: if one runs, it serves as it was last told; nothing below is live',
      { advice: 'Look whether `weir proxy` runs, and at its log.', page: 111 },
    ),
  ]
}

function examineAccessLog({ record, live }: Facts): Finding[] {
  const { enabled, s3BucketName, s3BucketPrefix } = record.attributes.accessLog
  if (!enabled) return []
  const lost = live.lostLogEntries()
  const place = [s3BucketName, s3BucketPrefix].filter(Boolean).join('/')
  if (lost === 0) return [fine('access log', `on, to ${place}`)]
  return [
    notice('access log', `${lost} entries of all load balancers were lost`, {
      advice:
        'The disk of the proxy is full or too slow, or the bucket takes no files: see its log.',
      page: 97,
    }),
  ]
}
