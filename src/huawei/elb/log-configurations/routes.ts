import type { Route } from '../../wire/routes.ts'
import { resourceRoutes } from '../resource.ts'
import type { ElbPorts } from '../scope.ts'
import {
  createLogConfiguration,
  deleteLogConfiguration,
  updateLogConfiguration,
} from './log-configurations.ts'
import { logConfigurationCreation, logConfigurationUpdate } from './schema.ts'
import { logConfigurationAnswer, logConfigurationView } from './view.ts'

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
      answer: logConfigurationAnswer,
      filterBy: ['id', 'loadbalancer_id', 'log_group_id', 'log_topic_id'],
      create: createLogConfiguration,
      change: updateLogConfiguration,
      remove: deleteLogConfiguration,
    },
    ports,
  )
}
