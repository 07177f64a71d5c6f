import { z } from 'zod'
import { reference } from '../fields.ts'

const stored = z.strictObject({ log_group_id: reference, log_topic_id: reference })

export type LogConfigurationFields = z.infer<typeof stored>

export const logConfigurationUpdate = stored.partial()

export const logConfigurationCreation = stored.extend({ loadbalancer_id: reference })

export type LogConfigurationUpdate = z.infer<typeof logConfigurationUpdate>
export type LogConfigurationCreation = z.infer<typeof logConfigurationCreation>
