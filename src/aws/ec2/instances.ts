/** Instances that are declared: how they are found, DescribeInstances and DescribeInstanceStatus. */
import type {
  DescribeInstanceStatusRequest,
  DescribeInstanceStatusResult,
  DescribeInstancesRequest,
  DescribeInstancesResult,
  InstanceStatus,
} from '@aws-sdk/client-ec2'
import { ApiError } from '../wire/errors.ts'
import { select } from './describing.ts'
import { instanceFilters, readSurroundings, viewReservations, viewState } from './instance-view.ts'
import type { Action, Scope } from './operation.ts'
import type { InstanceRecord } from './records.ts'
import { all, kinds, needAll, notFound } from './resources.ts'

/** Terminated instances can be seen for an hour, as on AWS. */
const visibleAfterTermination = 3_600_000

/** Whether it was terminated so long ago that it can no longer be seen. */
export function isForgotten({ terminatedAt }: InstanceRecord, now: number): boolean {
  return terminatedAt !== null && now - Date.parse(terminatedAt) >= visibleAfterTermination
}

/**
 * The instances with those ids; all that can be seen when there are none.
 * @throws ApiError InvalidInstanceID.NotFound, InvalidInstanceID.Malformed
 */
export async function needInstances(
  scope: Scope,
  ids: readonly string[] | undefined,
): Promise<InstanceRecord[]> {
  const isVisible = (record: InstanceRecord): boolean => !isForgotten(record, scope.now)
  if (ids === undefined || ids.length === 0) {
    return (await all(scope, kinds.instance)).filter(isVisible)
  }
  const records = await needAll(scope, kinds.instance, ids)
  const forgotten = records.filter((record) => !isVisible(record))
  if (forgotten.length > 0) throw notFound(kinds.instance, forgotten.map(kinds.instance.id))
  return records
}

export const describeInstances: Action<DescribeInstancesRequest, DescribeInstancesResult> = async (
  input,
  scope,
) => {
  refusePagedIds(input)
  const around = await readSurroundings(scope)
  const { records, tagsOf, nextToken } = await select(
    scope,
    kinds.instance,
    await needInstances(scope, input.InstanceIds),
    input,
    instanceFilters(around),
  )
  return { Reservations: viewReservations(records, tagsOf, around), NextToken: nextToken }
}

/** Of running instances only, unless all are asked for. */
export const describeInstanceStatus: Action<
  DescribeInstanceStatusRequest,
  DescribeInstanceStatusResult
> = async (input, scope) => {
  refusePagedIds(input)
  const candidates = await needInstances(scope, input.InstanceIds)
  const { records, nextToken } = await select(
    scope,
    kinds.instance,
    candidates.filter(({ state }) => state === 'running' || input.IncludeAllInstances === true),
    input,
    instanceFilters(await readSurroundings(scope)),
  )
  return { InstanceStatuses: records.map(viewStatus), NextToken: nextToken }
}

function viewStatus({ instanceId, zone, state }: InstanceRecord): InstanceStatus {
  const status = state === 'running' ? 'ok' : 'not-applicable'
  const details =
    state === 'running' ? [{ Name: 'reachability' as const, Status: 'passed' as const }] : []
  return {
    InstanceId: instanceId,
    AvailabilityZone: zone,
    Events: [],
    InstanceState: viewState(state),
    InstanceStatus: { Status: status, Details: details },
    SystemStatus: { Status: status, Details: details },
  }
}

function refusePagedIds(input: {
  readonly InstanceIds?: readonly string[] | undefined
  readonly MaxResults?: number | undefined
}): void {
  if ((input.InstanceIds ?? []).length === 0 || input.MaxResults === undefined) return
  throw new ApiError(
    'InvalidParameterCombination',
    'The parameter instancesSet cannot be used with the parameter maxResults',
  )
}
