import { z } from 'zod'
import type { LogConfigurationRecord } from '../records.ts'
import type { Scope } from '../scope.ts'
import { logConfigurationFields } from './schema.ts'

export const logConfigurationAnswer = logConfigurationFields
  .extend({ id: z.string(), project_id: z.string(), loadbalancer_id: z.string() })
  .meta({ id: 'Logtank' })

/** A log configuration as the API shows it. */
export function logConfigurationView(
  _: Scope,
  record: LogConfigurationRecord,
): z.infer<typeof logConfigurationAnswer> {
  const { id, project_id, loadbalancer_id, log_group_id, log_topic_id } = record
  return { id, project_id, loadbalancer_id, log_group_id, log_topic_id }
}
