/** Routes of a route table: CreateRoute, ReplaceRoute, DeleteRoute. */
import type {
  CreateRouteRequest,
  CreateRouteResult,
  DeleteRouteRequest,
  ReplaceRouteRequest,
} from '@aws-sdk/client-ec2'
import { ApiError } from '../wire/errors.ts'
import { formatCidr, parseCidr } from './cidr.ts'
import { invalidParameter, missingParameter } from './errors.ts'
import { isId } from './ids.ts'
import type { Action, Scope } from './operation.ts'
import type { RouteRecord, RouteTableRecord } from './records.ts'
import { kinds, need, save } from './resources.ts'

export const createRoute: Action<CreateRouteRequest, CreateRouteResult> = async (input, scope) => {
  const table = await need(scope, kinds.routeTable, input.RouteTableId)
  const destination = destinationOf(input)
  const target = await targetOf(input, table, scope)
  const existing = routeTo(table, destination)
  if (existing !== undefined && existing.target.id !== target.id) {
    const message = `The route identified by ${destination} already exists.`
    throw new ApiError('RouteAlreadyExists', message)
  }
  saveRoute(scope, table, { destination, target })
  return { Return: true }
}

export const replaceRoute: Action<ReplaceRouteRequest, object> = async (input, scope) => {
  const table = await need(scope, kinds.routeTable, input.RouteTableId)
  const { destination, target: old } = needRoute(table, destinationOf(input))
  if (old.kind === 'local') throw localRoute(destination)
  const target = await targetOf(input, table, scope)
  saveRoute(scope, table, { destination, target })
  return {}
}

export const deleteRoute: Action<DeleteRouteRequest, object> = async (input, scope) => {
  const table = await need(scope, kinds.routeTable, input.RouteTableId)
  const route = needRoute(table, destinationOf(input))
  if (route.target.kind === 'local') throw localRoute(route.destination)
  const routes = table.routes.filter((each) => each !== route)
  save(scope, kinds.routeTable, { ...table, routes })
  return {}
}

interface Destination {
  readonly DestinationCidrBlock?: string | undefined
  readonly DestinationIpv6CidrBlock?: string | undefined
}

function destinationOf(input: Destination): string {
  const { DestinationCidrBlock: ipv4, DestinationIpv6CidrBlock: ipv6 } = input
  const text = ipv4 ?? ipv6
  if (text === undefined) throw missingParameter('destinationCidrBlock')
  const cidr = parseCidr(text, ipv4 === undefined ? 128 : 32)
  if (cidr === undefined) {
    throw invalidParameter(text, 'destinationCidrBlock', 'This is not a valid CIDR block.')
  }
  return formatCidr(cidr)
}

/** Only what load balancing needs to tell public subnets from private ones; the routes carry no traffic. */
async function targetOf(
  input: ReplaceRouteRequest | CreateRouteRequest,
  table: RouteTableRecord,
  scope: Scope,
): Promise<RouteRecord['target']> {
  if (input.GatewayId !== undefined) return await gatewayTarget(input.GatewayId, table, scope)
  if (input.InstanceId !== undefined) {
    const { instanceId } = await need(scope, kinds.instance, input.InstanceId)
    return { kind: 'instance', id: instanceId }
  }
  if (input.NetworkInterfaceId !== undefined) {
    const kind = kinds.networkInterface
    const { networkInterfaceId } = await need(scope, kind, input.NetworkInterfaceId)
    return { kind: 'network-interface', id: networkInterfaceId }
  }
  throw new ApiError(
    'InvalidParameterCombination',
    'The target of a route must be an internet gateway, an instance or a network interface.',
  )
}

async function gatewayTarget(
  gatewayId: string,
  table: RouteTableRecord,
  scope: Scope,
): Promise<RouteRecord['target']> {
  if (!isId(kinds.internetGateway.prefix, gatewayId)) {
    throw new ApiError('InvalidGatewayID.NotFound', `The gateway ID '${gatewayId}' does not exist`)
  }
  const gateway = await need(scope, kinds.internetGateway, gatewayId)
  if (gateway.attachedVpcId !== table.vpcId) {
    throw invalidParameter(gatewayId, 'gatewayId', `It is not attached to ${table.vpcId}.`)
  }
  return { kind: 'gateway', id: gatewayId }
}

function routeTo(table: RouteTableRecord, destination: string): RouteRecord | undefined {
  return table.routes.find((route) => route.destination === destination)
}

function needRoute(table: RouteTableRecord, destination: string): RouteRecord {
  const route = routeTo(table, destination)
  if (route !== undefined) return route
  const message = `no route with destination-cidr-block ${destination} in route table ${table.routeTableId}`
  throw new ApiError('InvalidRoute.NotFound', message)
}

function saveRoute(scope: Scope, table: RouteTableRecord, route: RouteRecord): void {
  const others = table.routes.filter(({ destination }) => destination !== route.destination)
  save(scope, kinds.routeTable, { ...table, routes: [...others, route] })
}

function localRoute(destination: string): ApiError {
  const message = `cannot remove local route ${destination} in route table`
  return new ApiError('InvalidParameterValue', message)
}
