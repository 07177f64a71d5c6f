/** Where a load balancer's access log goes (Huawei's CreateLogtank). */
import { conflict } from '../../wire/errors.ts'
import type { LogConfigurationRecord } from '../records.ts'
import { logConfigurationOf } from '../relations.ts'
import { type Change, changed, newResource, timestamp } from '../scope.ts'
import type { LogConfigurationCreation, LogConfigurationUpdate } from './schema.ts'

/** @throws HuaweiError ELB.8902; ELB.8904, also for the log group; ELB.8906 while that is away; ELB.8907 when the load balancer has one */
export async function createLogConfiguration(
  change: Change,
  fields: LogConfigurationCreation,
): Promise<LogConfigurationRecord> {
  const { project } = change
  const balancer = project.loadBalancers.need(fields.loadbalancer_id)
  const other = logConfigurationOf(project, balancer)
  if (other !== undefined) {
    throw conflict(`Load balancer ${balancer.id} already has log configuration ${other.id}`)
  }
  await checkStream(change, fields)
  return project.logConfigurations.put({ ...newResource(change), ...fields })
}

/** @throws HuaweiError ELB.8902, ELB.8904, ELB.8906 for the log group */
export async function updateLogConfiguration(
  change: Change,
  record: LogConfigurationRecord,
  fields: LogConfigurationUpdate,
): Promise<LogConfigurationRecord> {
  const updated = { ...changed(record, fields), updated_at: timestamp(change.now) }
  await checkStream(change, updated)
  return change.project.logConfigurations.put(updated)
}

/** Once for a change: an S3 server may take its time, in which others change the project. */
async function checkStream(
  { ports, checked }: Change,
  fields: LogConfigurationCreation,
): Promise<void> {
  const { log_group_id: group, log_topic_id: topic, loadbalancer_id: loadBalancer } = fields
  const stream = `log stream ${group}/${topic}`
  if (checked.has(stream)) return
  await ports.logGroups.check({ group, topic, loadBalancer })
  checked.add(stream)
}

export function deleteLogConfiguration({ project }: Change, { id }: LogConfigurationRecord): void {
  project.logConfigurations.delete(id)
}
