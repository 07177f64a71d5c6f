import { type Route, route } from '../../wire/routes.ts'
import { switchedOn } from '../fields.ts'
import { pool } from '../nouns.ts'
import { resourceRoutes, root } from '../resource.ts'
import { change, type ElbPorts } from '../scope.ts'
import { createPool, deletePool, deletePoolWithAll, updatePool } from './pools.ts'
import { poolCreation, poolUpdate } from './schema.ts'
import { poolAnswer, poolView } from './view.ts'

export function poolRoutes(ports: ElbPorts): Route[] {
  return [
    ...resourceRoutes(
      {
        ...pool,
        creation: switchedOn(poolCreation),
        update: switchedOn(poolUpdate),
        view: poolView,
        answer: poolAnswer,
        filterBy: [
          'id',
          'name',
          'description',
          'admin_state_up',
          'protocol',
          'lb_algorithm',
          'healthmonitor_id',
          'member_deletion_protection_enable',
          'vpc_id',
          'type',
          'ip_version',
          'enterprise_project_id',
          'protection_status',
        ],
        filters: {
          loadbalancer_id: ({ loadbalancers }) => loadbalancers.map(({ id }) => id),
          listener_id: ({ listeners }) => listeners.map(({ id }) => id),
        },
        create: createPool,
        change: updatePool,
        remove: deletePool,
      },
      ports,
    ),
    route({
      method: 'DELETE',
      path: `${root}/pools/{pool_id}/delete-cascade`,
      name: 'DeletePoolCascade',
      status: 204,
      run: ({ params }, call) =>
        change(call, ports, (made) => {
          deletePoolWithAll(made, made.project.pools.need(params.pool_id ?? ''))
          return { status: 204, body: null }
        }),
    }),
  ]
}
