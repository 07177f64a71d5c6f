import { z } from 'zod'
import { reference } from '../fields.ts'

/** It becomes the name of a bucket or of a folder: ids are letters, digits and hyphens. */
const logId = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,35}$/, {
  error: 'must be 1 to 36 letters, digits and hyphens',
})

export const logConfigurationFields = z.strictObject({ log_group_id: logId, log_topic_id: logId })

export type LogConfigurationFields = z.infer<typeof logConfigurationFields>

export const logConfigurationUpdate = logConfigurationFields.partial()

export const logConfigurationCreation = logConfigurationFields.extend({
  loadbalancer_id: reference,
})

export type LogConfigurationUpdate = z.infer<typeof logConfigurationUpdate>
export type LogConfigurationCreation = z.infer<typeof logConfigurationCreation>
