/** DescribeInstanceAttribute, ModifyInstanceAttribute, and what else is asked about single instances. */
import type {
  AttributeBooleanValue,
  DescribeInstanceAttributeRequest,
  DescribeInstanceCreditSpecificationsRequest,
  DescribeInstanceCreditSpecificationsResult,
  DescribeVolumesRequest,
  DescribeVolumesResult,
  InstanceAttribute,
  ModifyInstanceAttributeRequest,
} from '@aws-sdk/client-ec2'
import { ApiError } from '../wire/errors.ts'
import { select } from './describing.ts'
import { invalidParameter, invalidValue, needParameter } from './errors.ts'
import { isBurstable, sizeOfType } from './instance-types.ts'
import { instanceFilters, readSurroundings } from './instance-view.ts'
import { needInstances } from './instances.ts'
import { setInstanceGroups } from './network-interfaces.ts'
import type { Action, Scope } from './operation.ts'
import type { InstanceRecord } from './records.ts'
import { kinds, need, save } from './resources.ts'

type Attributes = Omit<InstanceAttribute, 'InstanceId'>

/** By name of the attribute: only the one that is asked for is answered. */
const attributes: Readonly<Record<string, (record: InstanceRecord) => Attributes>> = {
  blockDeviceMapping: () => ({ BlockDeviceMappings: [] }),
  disableApiStop: (record) => ({ DisableApiStop: { Value: record.disableApiStop } }),
  disableApiTermination: (record) => ({
    DisableApiTermination: { Value: record.disableApiTermination },
  }),
  ebsOptimized: () => ({ EbsOptimized: { Value: false } }),
  enaSupport: () => ({ EnaSupport: { Value: true } }),
  groupSet: (record) => ({ Groups: record.securityGroups.map((GroupId) => ({ GroupId })) }),
  instanceInitiatedShutdownBehavior: (record) => ({
    InstanceInitiatedShutdownBehavior: { Value: record.instanceInitiatedShutdownBehavior },
  }),
  instanceType: (record) => ({ InstanceType: { Value: record.instanceType } }),
  kernel: () => ({ KernelId: {} }),
  productCodes: () => ({ ProductCodes: [] }),
  ramdisk: () => ({ RamdiskId: {} }),
  rootDeviceName: () => ({ RootDeviceName: {} }),
  sourceDestCheck: (record) => ({ SourceDestCheck: { Value: record.sourceDestCheck } }),
  sriovNetSupport: () => ({ SriovNetSupport: {} }),
  userData: (record) => ({
    UserData: record.userData === null ? {} : { Value: record.userData },
  }),
}

export const describeInstanceAttribute: Action<
  DescribeInstanceAttributeRequest,
  InstanceAttribute
> = async ({ Attribute, InstanceId }, scope) => {
  const record = await needInstance(scope, InstanceId)
  const name = needParameter(Attribute, 'attribute')
  const attribute = Object.hasOwn(attributes, name) ? attributes[name] : undefined
  if (attribute === undefined) throw invalidParameter(name, 'attribute')
  return { InstanceId: record.instanceId, ...attribute(record) }
}

export const modifyInstanceAttribute: Action<ModifyInstanceAttributeRequest, object> = async (
  input,
  scope,
) => {
  const { instanceId } = await needInstance(scope, input.InstanceId)
  if (input.Groups !== undefined) await setInstanceGroups(scope, instanceId, input.Groups)
  const record = await need(scope, kinds.instance, instanceId)
  const request = withNamedAttribute(input)
  save(scope, kinds.instance, {
    ...record,
    disableApiStop: request.DisableApiStop?.Value ?? record.disableApiStop,
    disableApiTermination: request.DisableApiTermination?.Value ?? record.disableApiTermination,
    sourceDestCheck: request.SourceDestCheck?.Value ?? record.sourceDestCheck,
    ...changedShutdown(request),
    ...changedWhileStopped(request, record),
  })
  return {}
}

export const describeInstanceCreditSpecifications: Action<
  DescribeInstanceCreditSpecificationsRequest,
  DescribeInstanceCreditSpecificationsResult
> = async (input, scope) => {
  const candidates = await needInstances(scope, input.InstanceIds)
  const { records, nextToken } = await select(
    scope,
    kinds.instance,
    candidates.filter(({ instanceType }) => isBurstable(instanceType)),
    input,
    instanceFilters(await readSurroundings(scope)),
  )
  return {
    InstanceCreditSpecifications: records.map(({ instanceId, instanceType }) => ({
      InstanceId: instanceId,
      CpuCredits: instanceType.startsWith('t2.') ? 'standard' : 'unlimited',
    })),
    NextToken: nextToken,
  }
}

/** A declared host has its disks to itself: there are no volumes. */
export const describeVolumes: Action<DescribeVolumesRequest, DescribeVolumesResult> = async (
  { VolumeIds = [] },
  _scope,
) => {
  const [first] = VolumeIds
  if (first === undefined) return { Volumes: [] }
  throw new ApiError('InvalidVolume.NotFound', `The volume '${first}' does not exist.`)
}

async function needInstance(scope: Scope, id: string | undefined): Promise<InstanceRecord> {
  const [record] = await needInstances(scope, [needParameter(id, 'instanceId')])
  if (record === undefined) throw new Error('needInstances answered neither record nor error')
  return record
}

/** `Attribute` and `Value` are the older way to say the same. */
function withNamedAttribute(input: ModifyInstanceAttributeRequest): ModifyInstanceAttributeRequest {
  const { Attribute, Value } = input
  if (Attribute === undefined) return input
  const text = needParameter(Value, 'value')
  const flag: AttributeBooleanValue = { Value: text === 'true' }
  switch (Attribute) {
    case 'disableApiStop':
      return { ...input, DisableApiStop: flag }
    case 'disableApiTermination':
      return { ...input, DisableApiTermination: flag }
    case 'sourceDestCheck':
      return { ...input, SourceDestCheck: flag }
    case 'instanceInitiatedShutdownBehavior':
      return { ...input, InstanceInitiatedShutdownBehavior: { Value: text } }
    case 'instanceType':
      return { ...input, InstanceType: { Value: text } }
    case 'userData':
      return { ...input, UserData: { Value: Buffer.from(text, 'base64') } }
    default:
      throw invalidParameter(Attribute, 'attribute')
  }
}

function changedShutdown(
  request: ModifyInstanceAttributeRequest,
): Partial<Pick<InstanceRecord, 'instanceInitiatedShutdownBehavior'>> {
  const behavior = request.InstanceInitiatedShutdownBehavior?.Value
  if (behavior === undefined) return {}
  if (behavior !== 'stop' && behavior !== 'terminate') {
    throw invalidParameter(behavior, 'instanceInitiatedShutdownBehavior')
  }
  return { instanceInitiatedShutdownBehavior: behavior }
}

function changedWhileStopped(
  request: ModifyInstanceAttributeRequest,
  { instanceId, state }: InstanceRecord,
): Partial<Pick<InstanceRecord, 'instanceType' | 'userData'>> {
  const type = request.InstanceType?.Value
  const userData = request.UserData?.Value
  if (type === undefined && userData === undefined) return {}
  if (state !== 'stopped') {
    const message = `The instance '${instanceId}' is not in the 'stopped' state.`
    throw new ApiError('IncorrectInstanceState', message)
  }
  if (type !== undefined && sizeOfType(type) === undefined) {
    throw invalidValue(`Invalid value '${type}' for InstanceType.`)
  }
  return {
    ...(type === undefined ? {} : { instanceType: type }),
    ...(userData === undefined ? {} : { userData: Buffer.from(userData).toString('base64') }),
  }
}
