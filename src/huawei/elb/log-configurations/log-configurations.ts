/** Where a load balancer's access log is to go (Huawei's CreateLogtank). It is stored and shown; nothing is delivered yet. */
import { conflict } from '../../wire/errors.ts'
import type { LogConfigurationRecord } from '../records.ts'
import { type Change, changed, newResource, timestamp } from '../scope.ts'
import type { LogConfigurationCreation, LogConfigurationUpdate } from './schema.ts'

/** @throws HuaweiError ELB.8904; ELB.8907 when the load balancer has one */
export function createLogConfiguration(
  change: Change,
  fields: LogConfigurationCreation,
): LogConfigurationRecord {
  const { project } = change
  const balancer = project.loadBalancers.need(fields.loadbalancer_id)
  const [other] = project.logConfigurations.where((each) => each.loadbalancer_id === balancer.id)
  if (other !== undefined) {
    throw conflict(`Load balancer ${balancer.id} already has log configuration ${other.id}`)
  }
  return project.logConfigurations.put({ ...newResource(change), ...fields })
}

export function updateLogConfiguration(
  { project, now }: Change,
  record: LogConfigurationRecord,
  fields: LogConfigurationUpdate,
): LogConfigurationRecord {
  return project.logConfigurations.put({ ...changed(record, fields), updated_at: timestamp(now) })
}

export function deleteLogConfiguration({ project }: Change, { id }: LogConfigurationRecord): void {
  project.logConfigurations.delete(id)
}
