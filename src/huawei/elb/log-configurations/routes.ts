import type { Route } from '../../wire/routes.ts'
import type { LogConfigurationRecord } from '../records.ts'
import { resourceRoutes } from '../resource.ts'
import type { ElbPorts, Scope } from '../scope.ts'
import {
  createLogConfiguration,
  deleteLogConfiguration,
  updateLogConfiguration,
} from './log-configurations.ts'
import { logConfigurationCreation, logConfigurationUpdate } from './schema.ts'

export function logConfigurationRoutes(ports: ElbPorts): Route[] {
  return resourceRoutes(
    {
      title: 'Logtank',
      singular: 'logtank',
      plural: 'logtanks',
      idName: 'logtank_id',
      path: 'logtanks',
      table: ({ logConfigurations }) => logConfigurations,
      creation: logConfigurationCreation,
      update: logConfigurationUpdate,
      view: logConfigurationView,
      filterBy: ['id', 'loadbalancer_id', 'log_group_id', 'log_topic_id'],
      create: createLogConfiguration,
      change: updateLogConfiguration,
      remove: deleteLogConfiguration,
    },
    ports,
  )
}

function logConfigurationView(_: Scope, record: LogConfigurationRecord) {
  const { id, project_id, loadbalancer_id, log_group_id, log_topic_id } = record
  return { id, project_id, loadbalancer_id, log_group_id, log_topic_id }
}
