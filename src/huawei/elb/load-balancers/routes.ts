import { z } from 'zod'
import { type Route, route } from '../../wire/routes.ts'
import { switchedOn } from '../fields.ts'
import { loadBalancer } from '../nouns.ts'
import { wrapped } from '../operations.ts'
import { resourceRoutes, root } from '../resource.ts'
import { change, type ElbPorts, inspect } from '../scope.ts'
import {
  createLoadBalancer,
  deleteLoadBalancer,
  deleteLoadBalancerWithAll,
  updateLoadBalancer,
} from './load-balancers.ts'
import { cascade, loadBalancerCreation, loadBalancerUpdate } from './schema.ts'
import { statusTree, statusTreeAnswer } from './status-tree.ts'
import { loadBalancerAnswer, loadBalancerView } from './view.ts'

export function loadBalancerRoutes(ports: ElbPorts): Route[] {
  return [
    ...resourceRoutes(
      {
        ...loadBalancer,
        creation: switchedOn(loadBalancerCreation),
        update: switchedOn(loadBalancerUpdate),
        view: loadBalancerView,
        answer: loadBalancerAnswer,
        filterBy: [
          'id',
          'name',
          'description',
          'admin_state_up',
          'provisioning_status',
          'operating_status',
          'guaranteed',
          'vpc_id',
          'vip_port_id',
          'vip_address',
          'vip_subnet_cidr_id',
          'ipv6_vip_port_id',
          'ipv6_vip_address',
          'ipv6_vip_virsubnet_id',
          'l4_flavor_id',
          'l7_flavor_id',
          'deletion_protection_enable',
          'elb_virsubnet_type',
          'ip_target_enable',
          'enterprise_project_id',
          'protection_status',
        ],
        filters: {
          eips: ({ eips }) => eips.flatMap((eip) => [eip.eip_id, eip.eip_address]),
          publicips: ({ publicips }) =>
            publicips.flatMap((ip) => [ip.publicip_id, ip.publicip_address]),
          availability_zone_list: (view) => view.availability_zone_list,
        },
        create: createLoadBalancer,
        change: updateLoadBalancer,
        remove: deleteLoadBalancer,
      },
      ports,
    ),
    ...furtherRoutes(ports),
  ]
}

function furtherRoutes(ports: ElbPorts): Route[] {
  const item = `${root}/loadbalancers/{loadbalancer_id}`
  return [
    route({
      method: 'GET',
      path: `${item}/statuses`,
      name: 'ShowLoadBalancerStatus',
      status: 200,
      answer: z.strictObject({ statuses: statusTreeAnswer }),
      run: ({ params }, call) =>
        inspect(call, ports, (scope) => {
          const record = scope.project.loadBalancers.need(params.loadbalancer_id ?? '')
          return { status: 200, body: { statuses: statusTree(scope, record) } }
        }),
    }),
    route({
      method: 'DELETE',
      path: `${item}/force-elb`,
      name: 'DeleteLoadBalancerForce',
      status: 204,
      run: ({ params }, call) =>
        change(call, ports, async (made) => {
          const record = made.project.loadBalancers.need(params.loadbalancer_id ?? '')
          await deleteLoadBalancerWithAll(made, record, { keepPools: false })
          return { status: 204, body: null }
        }),
    }),
    route({
      method: 'POST',
      path: `${item}/delete-cascade`,
      name: 'DeleteLoadBalancerCascade',
      status: 204,
      body: wrapped('loadbalancer', cascade),
      run: ({ params, body }, call) =>
        change(call, ports, async (made) => {
          const record = made.project.loadBalancers.need(params.loadbalancer_id ?? '')
          const keepPools = body.loadbalancer?.unbounded_pool === false
          await deleteLoadBalancerWithAll(made, record, { keepPools })
          return { status: 204, body: null }
        }),
    }),
  ]
}
