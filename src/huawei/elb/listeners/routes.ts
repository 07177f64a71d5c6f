import { type Route, route } from '../../wire/routes.ts'
import { switchedOn } from '../fields.ts'
import { listener } from '../nouns.ts'
import { membersOf } from '../relations.ts'
import { resourceRoutes, root } from '../resource.ts'
import { change, type ElbPorts } from '../scope.ts'
import {
  createListener,
  deleteListener,
  deleteListenerWithAll,
  updateListener,
} from './listeners.ts'
import { listenerCreation, listenerUpdate } from './schema.ts'
import { listenerAnswer, listenerView } from './view.ts'

const filterBy = [
  'id',
  'name',
  'description',
  'admin_state_up',
  'connection_limit',
  'protocol',
  'protocol_port',
  'default_pool_id',
  'default_tls_container_ref',
  'client_ca_tls_container_ref',
  'tls_ciphers_policy',
  'http2_enable',
  'keepalive_timeout',
  'client_timeout',
  'member_timeout',
  'enable_member_retry',
  'enhance_l7policy_enable',
  'transparent_client_ip_enable',
  'enterprise_project_id',
  'protection_status',
  'proxy_protocol_enable',
  'ssl_early_data_enable',
] as const

export function listenerRoutes(ports: ElbPorts): Route[] {
  return [
    ...resourceRoutes(
      {
        ...listener,
        creation: switchedOn(listenerCreation),
        update: switchedOn(listenerUpdate),
        view: listenerView,
        answer: listenerAnswer,
        filterBy,
        filters: {
          loadbalancer_id: ({ loadbalancers }) => loadbalancers.map(({ id }) => id),
          member_address: ({ default_pool_id }, { project }) =>
            membersOf(project, { id: default_pool_id ?? '' }).map(({ address }) => address),
        },
        create: createListener,
        change: updateListener,
        remove: deleteListener,
      },
      ports,
    ),
    route({
      method: 'DELETE',
      path: `${root}/listeners/{listener_id}/force`,
      name: 'DeleteListenerForce',
      status: 204,
      run: ({ params }, call) =>
        change(call, ports, (made) => {
          const record = made.project.listeners.need(params.listener_id ?? '')
          deleteListenerWithAll(made, record, { keepPools: false })
          return { status: 204, body: null }
        }),
    }),
  ]
}
