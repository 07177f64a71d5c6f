/**
 * StartInstances, StopInstances, RebootInstances, TerminateInstances. Nothing happens to the hosts: a stopped or terminated
 * instance is one that load balancers send nothing to.
 */
import type {
  InstanceStateChange,
  RebootInstancesRequest,
  StartInstancesRequest,
  StartInstancesResult,
  StopInstancesRequest,
  StopInstancesResult,
  TerminateInstancesRequest,
  TerminateInstancesResult,
} from '@aws-sdk/client-ec2'
import { ApiError } from '../wire/errors.ts'
import { releaseAddress } from './addresses.ts'
import { needParameter } from './errors.ts'
import { viewState } from './instance-view.ts'
import { isForgotten, needInstances } from './instances.ts'
import type { Action, Scope } from './operation.ts'
import { ec2Keys, type InstanceRecord } from './records.ts'
import { all, kinds, remove, save } from './resources.ts'

export const startInstances: Action<StartInstancesRequest, StartInstancesResult> = async (
  input,
  scope,
) => {
  const records = await named(scope, input.InstanceIds)
  const changes = records.map((record) => {
    refuseTerminated(record, 'started')
    return change(scope, record, { ...record, state: 'running' })
  })
  return { StartingInstances: changes }
}

export const stopInstances: Action<StopInstancesRequest, StopInstancesResult> = async (
  input,
  scope,
) => {
  const records = await named(scope, input.InstanceIds)
  const changes = records.map((record) => {
    refuseTerminated(record, 'stopped')
    if (record.disableApiStop) throw protectedBy('disableApiStop', record, 'stopped')
    return change(scope, record, { ...record, state: 'stopped' })
  })
  return { StoppingInstances: changes }
}

export const rebootInstances: Action<RebootInstancesRequest, object> = async (input, scope) => {
  for (const record of await named(scope, input.InstanceIds)) {
    if (record.state !== 'running') throw wrongState(record, 'rebooted')
  }
  return {}
}

/** Frees addresses and interfaces at once; the instances can be seen for another hour. */
export const terminateInstances: Action<
  TerminateInstancesRequest,
  TerminateInstancesResult
> = async (input, scope) => {
  const records = await named(scope, input.InstanceIds)
  const changes = records.map((record) => {
    if (record.state === 'terminated') return change(scope, record, record)
    if (record.disableApiTermination) {
      throw protectedBy('disableApiTermination', record, 'terminated')
    }
    releaseAddress(scope, record.vpcId, record.privateIpAddress)
    remove(scope, kinds.networkInterface, record.networkInterfaceId)
    const terminatedAt = new Date(scope.now).toISOString()
    return change(scope, record, { ...record, state: 'terminated', terminatedAt })
  })
  await sweep(scope)
  return { TerminatingInstances: changes }
}

/** Removes what was terminated more than an hour ago. */
export async function sweep(scope: Scope): Promise<void> {
  for (const record of await all(scope, kinds.instance)) {
    if (!isForgotten(record, scope.now)) continue
    remove(scope, kinds.instance, record.instanceId)
    if (record.clientToken !== null) {
      scope.tx.delete(ec2Keys.clientToken(scope.region, record.clientToken))
    }
  }
}

function named(scope: Scope, ids: readonly string[] | undefined): Promise<InstanceRecord[]> {
  return needInstances(scope, needParameter(ids?.length === 0 ? undefined : ids, 'InstanceId'))
}

function change(scope: Scope, before: InstanceRecord, after: InstanceRecord): InstanceStateChange {
  save(scope, kinds.instance, after)
  return {
    InstanceId: after.instanceId,
    PreviousState: viewState(before.state),
    CurrentState: viewState(after.state),
  }
}

function refuseTerminated(record: InstanceRecord, verb: string): void {
  if (record.state === 'terminated') throw wrongState(record, verb)
}

function wrongState({ instanceId }: InstanceRecord, verb: string): ApiError {
  const message = `The instance '${instanceId}' is not in a state from which it can be ${verb}.`
  return new ApiError('IncorrectInstanceState', message)
}

function protectedBy(attribute: string, { instanceId }: InstanceRecord, verb: string): ApiError {
  const message = `The instance '${instanceId}' may not be ${verb}. Modify its '${attribute}' instance attribute and try again.`
  return new ApiError('OperationNotPermitted', message)
}
