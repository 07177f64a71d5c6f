/** Route tables and what subnets they serve. */
import type {
  AssociateRouteTableRequest,
  AssociateRouteTableResult,
  CreateRouteTableRequest,
  CreateRouteTableResult,
  DeleteRouteTableRequest,
  DescribeRouteTablesRequest,
  DescribeRouteTablesResult,
  DisassociateRouteTableRequest,
  ReplaceRouteTableAssociationRequest,
  ReplaceRouteTableAssociationResult,
} from '@aws-sdk/client-ec2'
import { ApiError } from '../wire/errors.ts'
import { describe } from './describing.ts'
import { dependencyViolation, invalidValue, missingParameter } from './errors.ts'
import { newId } from './ids.ts'
import type { Action } from './operation.ts'
import type { RouteTableAssociation, RouteTableRecord } from './records.ts'
import { all, kinds, need, type Place, remove, save } from './resources.ts'
import { liveTargets, routeTableFilters, viewRouteTable } from './route-table-view.ts'
import { tagNew } from './tags.ts'
import { localRoutes } from './vpc-foundation.ts'

export const createRouteTable: Action<CreateRouteTableRequest, CreateRouteTableResult> = async (
  input,
  scope,
) => {
  const vpc = await need(scope, kinds.vpc, input.VpcId)
  const table: RouteTableRecord = {
    routeTableId: newId('rtb'),
    vpcId: vpc.vpcId,
    routes: localRoutes(vpc),
    associations: [],
  }
  save(scope, kinds.routeTable, table)
  const { type } = kinds.routeTable
  const tags = await tagNew(scope, type, table.routeTableId, input.TagSpecifications)
  return { RouteTable: viewRouteTable(table, tags, scope.accountId, await liveTargets(scope)) }
}

export const describeRouteTables: Action<
  DescribeRouteTablesRequest,
  DescribeRouteTablesResult
> = async (input, scope) => {
  const live = await liveTargets(scope)
  const { records, tagsOf, nextToken } = await describe(
    scope,
    kinds.routeTable,
    input.RouteTableIds,
    input,
    routeTableFilters(scope.accountId, live),
  )
  return {
    RouteTables: records.map((table) =>
      viewRouteTable(table, tagsOf(table), scope.accountId, live),
    ),
    NextToken: nextToken,
  }
}

export const deleteRouteTable: Action<DeleteRouteTableRequest, object> = async (input, scope) => {
  const table = await need(scope, kinds.routeTable, input.RouteTableId)
  if (table.associations.length > 0) {
    throw dependencyViolation(
      `The routeTable '${table.routeTableId}' has dependencies and cannot be deleted.`,
    )
  }
  remove(scope, kinds.routeTable, table.routeTableId)
  return {}
}

export const associateRouteTable: Action<
  AssociateRouteTableRequest,
  AssociateRouteTableResult
> = async (input, scope) => {
  const table = await need(scope, kinds.routeTable, input.RouteTableId)
  if (input.SubnetId === undefined) throw missingParameter('subnetId')
  const { subnetId, vpcId } = await need(scope, kinds.subnet, input.SubnetId)
  checkSameVpc(table, vpcId, subnetId)
  for (const other of await all(scope, kinds.routeTable)) {
    const existing = other.associations.find((each) => each.subnetId === subnetId)
    if (existing === undefined) continue
    if (other.routeTableId === table.routeTableId) return associated(existing.associationId)
    const message = `The specified association for route table ${table.routeTableId} conflicts with an existing association`
    throw new ApiError('Resource.AlreadyAssociated', message)
  }
  const association = { associationId: newId('rtbassoc'), subnetId }
  save(scope, kinds.routeTable, withAssociation(table, association))
  return associated(association.associationId)
}

export const disassociateRouteTable: Action<DisassociateRouteTableRequest, object> = async (
  { AssociationId },
  scope,
) => {
  const { table, association } = await needAssociation(scope, AssociationId)
  if (association.subnetId === null) {
    throw invalidValue(
      `cannot disassociate the main route table association ${association.associationId}`,
    )
  }
  save(scope, kinds.routeTable, withoutAssociation(table, association))
  return {}
}

/** Also makes another table the VPC's main one, by replacing the main association. */
export const replaceRouteTableAssociation: Action<
  ReplaceRouteTableAssociationRequest,
  ReplaceRouteTableAssociationResult
> = async ({ AssociationId, RouteTableId }, scope) => {
  const { table: old, association } = await needAssociation(scope, AssociationId)
  const table = await need(scope, kinds.routeTable, RouteTableId)
  checkSameVpc(table, old.vpcId, association.associationId)
  const moved = { ...association, associationId: newId('rtbassoc') }
  if (table.routeTableId === old.routeTableId) {
    save(scope, kinds.routeTable, withAssociation(withoutAssociation(old, association), moved))
  } else {
    save(scope, kinds.routeTable, withoutAssociation(old, association))
    save(scope, kinds.routeTable, withAssociation(table, moved))
  }
  return { NewAssociationId: moved.associationId, AssociationState: { State: 'associated' } }
}

function associated(associationId: string): AssociateRouteTableResult {
  return { AssociationId: associationId, AssociationState: { State: 'associated' } }
}

async function needAssociation(
  at: Place,
  id: string | undefined,
): Promise<{ table: RouteTableRecord; association: RouteTableAssociation }> {
  for (const table of await all(at, kinds.routeTable)) {
    const association = table.associations.find(({ associationId }) => associationId === id)
    if (association !== undefined) return { table, association }
  }
  const message = `The association ID '${id}' does not exist`
  throw new ApiError('InvalidAssociationID.NotFound', message)
}

function checkSameVpc(table: RouteTableRecord, vpcId: string, other: string): void {
  if (table.vpcId === vpcId) return
  throw invalidValue(`${table.routeTableId} and ${other} belong to different networks`)
}

function withAssociation(
  table: RouteTableRecord,
  association: RouteTableAssociation,
): RouteTableRecord {
  return { ...table, associations: [...table.associations, association] }
}

function withoutAssociation(
  table: RouteTableRecord,
  { associationId }: RouteTableAssociation,
): RouteTableRecord {
  const others = table.associations.filter((each) => each.associationId !== associationId)
  return { ...table, associations: others }
}
