/** What load balancers and listeners have carried: the proxies' own counters, which begin anew with each start of a proxy. */

import { type ListenerRecord, listenerIdentity } from '../elb/records.ts'
import { listenersOf } from '../elb/relations.ts'
import { type ElbPorts, inspect, type Scope } from '../elb/scope.ts'
import { type Route, route } from '../wire/routes.ts'
import { roots } from './resource.ts'

export function statsRoutes(ports: ElbPorts): Route[] {
  return roots.flatMap((root) => [
    statsRoute(ports, `${root}/loadbalancers/{id}/stats`, 'LoadBalancer', ({ project }, id) =>
      listenersOf(project, project.loadBalancers.need(id)),
    ),
    statsRoute(ports, `${root}/listeners/{id}/stats`, 'Listener', ({ project }, id) => [
      project.listeners.need(id),
    ]),
  ])
}

function statsRoute(
  ports: ElbPorts,
  path: string,
  title: string,
  find: (scope: Scope, id: string) => readonly ListenerRecord[],
): Route {
  return route({
    method: 'GET',
    path,
    name: `OctaviaShow${title}Stats`,
    status: 200,
    scoped: true,
    run: ({ params }, call) =>
      inspect(call, ports, (scope) => ({
        status: 200,
        body: { stats: statsOf(scope, find(scope, params.id ?? '')) },
      })),
  })
}

function statsOf({ ports }: Scope, listeners: readonly ListenerRecord[]) {
  const ids = new Set(listeners.map(listenerIdentity))
  const counters = ports.traffic.counters().filter(({ listener }) => ids.has(listener))
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
  return {
    bytes_in: sum(counters.map(({ bytesIn }) => bytesIn)),
    bytes_out: sum(counters.map(({ bytesOut }) => bytesOut)),
    active_connections: sum(counters.map(({ openConnections }) => openConnections)),
    total_connections: sum(counters.map(({ connections }) => connections)),
    // Answered with an error that is no member's.
    request_errors: sum(counters.map(({ engine4xx, engine5xx }) => engine4xx + engine5xx)),
  }
}
