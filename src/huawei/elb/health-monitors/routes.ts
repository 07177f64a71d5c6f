import type { Route } from '../../wire/routes.ts'
import { healthMonitor } from '../nouns.ts'
import { resourceRoutes } from '../resource.ts'
import type { ElbPorts } from '../scope.ts'
import { createHealthMonitor, deleteHealthMonitor, updateHealthMonitor } from './health-monitors.ts'
import { healthMonitorCreation, healthMonitorUpdate } from './schema.ts'
import { healthMonitorAnswer, healthMonitorView } from './view.ts'

export function healthMonitorRoutes(ports: ElbPorts): Route[] {
  return resourceRoutes(
    {
      ...healthMonitor,
      creation: healthMonitorCreation,
      update: healthMonitorUpdate,
      view: healthMonitorView,
      answer: healthMonitorAnswer,
      filterBy: [
        'id',
        'name',
        'type',
        'delay',
        'timeout',
        'max_retries',
        'max_retries_down',
        'domain_name',
        'url_path',
        'expected_codes',
        'http_method',
        'monitor_port',
        'admin_state_up',
      ],
      filters: { pool_id: ({ pools }) => pools.map(({ id }) => id) },
      create: createHealthMonitor,
      change: updateHealthMonitor,
      remove: deleteHealthMonitor,
    },
    ports,
  )
}
