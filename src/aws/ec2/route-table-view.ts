/** Route tables as the API writes them, and their filters. */
import type { Route, RouteTable, RouteTableAssociation, Tag } from '@aws-sdk/client-ec2'
import type { FilterFields } from './filters.ts'
import type { RouteRecord, RouteTableRecord } from './records.ts'
import { all, kinds, type Place } from './resources.ts'

/** What decides whether a route leads anywhere. */
export interface LiveTargets {
  has(route: RouteRecord): boolean
}

/** Routes to what has been detached or removed are black holes. */
export async function liveTargets(at: Place): Promise<LiveTargets> {
  const gateways = await all(at, kinds.internetGateway)
  const interfaces = await all(at, kinds.networkInterface)
  const live = new Set<string>(['local'])
  for (const { internetGatewayId, attachedVpcId } of gateways) {
    if (attachedVpcId !== null) live.add(internetGatewayId)
  }
  for (const { networkInterfaceId, attachment } of interfaces) {
    live.add(networkInterfaceId)
    if (attachment?.kind === 'instance') live.add(attachment.instanceId)
  }
  return { has: ({ target }) => live.has(target.id) }
}

export function viewRouteTable(
  table: RouteTableRecord,
  tags: Tag[],
  accountId: string,
  live: LiveTargets,
): RouteTable {
  return {
    RouteTableId: table.routeTableId,
    VpcId: table.vpcId,
    OwnerId: accountId,
    Associations: table.associations.map(
      ({ associationId, subnetId }): RouteTableAssociation => ({
        RouteTableAssociationId: associationId,
        RouteTableId: table.routeTableId,
        Main: subnetId === null,
        SubnetId: subnetId ?? undefined,
        AssociationState: { State: 'associated' },
      }),
    ),
    PropagatingVgws: [],
    Routes: table.routes.map((route) => viewRoute(route, live.has(route))),
    Tags: tags,
  }
}

function viewRoute(route: RouteRecord, isLive: boolean): Route {
  const { destination, target } = route
  const isIpv6 = destination.includes(':')
  const isGateway = target.kind === 'local' || target.kind === 'gateway'
  return {
    DestinationCidrBlock: isIpv6 ? undefined : destination,
    DestinationIpv6CidrBlock: isIpv6 ? destination : undefined,
    GatewayId: isGateway ? target.id : undefined,
    InstanceId: target.kind === 'instance' ? target.id : undefined,
    NetworkInterfaceId: target.kind === 'network-interface' ? target.id : undefined,
    Origin: target.kind === 'local' ? 'CreateRouteTable' : 'CreateRoute',
    State: isLive ? 'active' : 'blackhole',
  }
}

export function routeTableFilters(
  accountId: string,
  live: LiveTargets,
): FilterFields<RouteTableRecord> {
  return {
    'association.main': (table) => table.associations.map(({ subnetId }) => subnetId === null),
    'association.route-table-association-id': (table) =>
      table.associations.map(({ associationId }) => associationId),
    'association.route-table-id': (table) => table.associations.map(() => table.routeTableId),
    'association.subnet-id': (table) => table.associations.map(({ subnetId }) => subnetId),
    'owner-id': () => accountId,
    'route.destination-cidr-block': (table) => destinations(table, false),
    'route.destination-ipv6-cidr-block': (table) => destinations(table, true),
    'route.gateway-id': (table) => targets(table, ['local', 'gateway']),
    'route.instance-id': (table) => targets(table, ['instance']),
    'route.origin': (table) => table.routes.map((route) => viewRoute(route, true).Origin),
    'route.state': (table) => table.routes.map((each) => viewRoute(each, live.has(each)).State),
    'route-table-id': (table) => table.routeTableId,
    'vpc-id': (table) => table.vpcId,
  }
}

function destinations(table: RouteTableRecord, isIpv6: boolean): string[] {
  const all = table.routes.map(({ destination }) => destination)
  return all.filter((destination) => destination.includes(':') === isIpv6)
}

function targets(
  table: RouteTableRecord,
  wanted: readonly RouteRecord['target']['kind'][],
): string[] {
  return table.routes
    .filter(({ target }) => wanted.includes(target.kind))
    .map(({ target }) => target.id)
}
