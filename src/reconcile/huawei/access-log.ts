import type { AccessLog } from '../../snapshot/snapshot.ts'
import type { HuaweiTranslation } from './translate.ts'

/** From one file to the next. */
const interval = 5 * 60_000

/** A log group is a bucket of that name, and a log stream a folder in it. Empty when nothing is logged. */
export function accessLogOf(at: HuaweiTranslation): { readonly accessLog?: AccessLog } {
  const { project, record, shared } = at
  const [log] = project.logConfigurations.where((each) => each.loadbalancer_id === record.id)
  if (log === undefined) return {}
  const accessLog = {
    loadBalancerName: `loadbalancer_${record.id}`,
    account: shared.accountId,
    region: shared.region,
    bucket: log.log_group_id,
    prefix: log.log_topic_id,
    interval,
    format: {
      stream: log.log_topic_id,
      tenant: project.id,
      eip: record.eip?.address ?? null,
      withoutPool: at.emptyPools,
    },
  }
  return { accessLog }
}
