/**
 * RunInstances: declares hosts that exist already. Nothing is launched, so what is about launching (disks, roles,
 * metadata, monitoring) is taken and has no effect.
 */
import { createHash } from 'node:crypto'
import type { Reservation, RunInstancesRequest } from '@aws-sdk/client-ec2'
import { ApiError } from '../wire/errors.ts'
import { claimAddress, findFreeAddresses, isAddressInUse } from './addresses.ts'
import { parseAddress } from './cidr.ts'
import { invalidParameter, invalidValue, needParameter } from './errors.ts'
import { newId } from './ids.ts'
import { placementOf } from './instance-placement.ts'
import { sweep } from './instance-states.ts'
import { defaultInstanceType, sizeOfType } from './instance-types.ts'
import { readSurroundings, viewReservations } from './instance-view.ts'
import type { Action, Scope } from './operation.ts'
import {
  type ClientTokenRecord,
  ec2Keys,
  type InstanceRecord,
  type NetworkInterfaceRecord,
  type SecurityGroupRecord,
  type SubnetRecord,
} from './records.ts'
import { kinds, needAll, save } from './resources.ts'
import { readTags, tagNew } from './tags.ts'

/** A declared host was started from no image; clients expect that an instance has one. */
const noImage = 'ami-00000000000000000'

/** One request is one transaction: it is kept to a size that commits quickly. */
const maxInstancesPerRequest = 1000

/**
 * Declares one host at `PrivateIpAddress`, or several at free addresses of their subnet.
 * The address may be any IPv4 address that a proxy can reach, also outside of the subnet's range: the host is there already, and
 * the subnet says only in which zone and VPC load balancing counts it. No two instances of a VPC have the same.
 * A repetition with the same `ClientToken` gets the same instances.
 */
export const runInstances: Action<RunInstancesRequest, Reservation> = async (input, scope) => {
  await sweep(scope)
  const repeated = await earlierInstances(scope, input)
  const records = repeated ?? (await declare(scope, input))
  const tags = await readTags(scope)
  const tagsOf = (record: InstanceRecord): { Key: string; Value: string }[] =>
    (tags.get(record.instanceId) ?? []).map(({ key, value }) => ({ Key: key, Value: value }))
  const [reservation] = viewReservations(records, tagsOf, await readSurroundings(scope))
  return reservation ?? {}
}

async function declare(scope: Scope, input: RunInstancesRequest): Promise<InstanceRecord[]> {
  if (input.LaunchTemplate !== undefined) {
    throw new ApiError('UnsupportedOperation', 'Launch templates are not kept.')
  }
  const count = countOf(input)
  const { subnet, groups, address } = await placementOf(input, scope)
  if (address !== undefined && count > 1) {
    throw new ApiError(
      'InvalidParameterCombination',
      'A private IP address can be given to one instance only.',
    )
  }
  const reservationId = newId('r')
  const records: InstanceRecord[] = []
  for (let made = 0; made < count; made += 1) {
    const record = instanceOf(input, { scope, subnet, groups, reservationId })
    const { networkInterfaceId } = record
    const privateIpAddress = await takeAddress(scope, subnet, address, networkInterfaceId)
    records.push({ ...record, privateIpAddress })
  }
  for (const record of records) await store(scope, input, record)
  rememberToken(scope, input, records)
  return records
}

function countOf({ MinCount, MaxCount }: RunInstancesRequest): number {
  const min = needParameter(MinCount, 'MinCount')
  const max = needParameter(MaxCount, 'MaxCount')
  if (min < 1) throw invalidParameter(min, 'minCount', 'It must be at least 1.')
  if (max < min) throw invalidParameter(max, 'maxCount', 'It must not be less than minCount.')
  if (min > maxInstancesPerRequest) {
    const message = `You have requested more instances (${min}) than one request may: ${maxInstancesPerRequest}.`
    throw new ApiError('InstanceLimitExceeded', message)
  }
  return Math.min(max, maxInstancesPerRequest)
}

function instanceOf(
  input: RunInstancesRequest,
  where: {
    readonly scope: Scope
    readonly subnet: SubnetRecord
    readonly groups: readonly SecurityGroupRecord[]
    readonly reservationId: string
  },
): Omit<InstanceRecord, 'privateIpAddress'> {
  return {
    instanceId: newId('i'),
    reservationId: where.reservationId,
    state: 'running',
    subnetId: where.subnet.subnetId,
    vpcId: where.subnet.vpcId,
    zone: where.subnet.zone,
    imageId: input.ImageId ?? noImage,
    instanceType: typeOf(input),
    keyName: input.KeyName ?? null,
    securityGroups: where.groups.map(({ groupId }) => groupId),
    networkInterfaceId: newId('eni'),
    clientToken: input.ClientToken ?? null,
    launchTime: new Date(where.scope.now).toISOString(),
    terminatedAt: null,
    disableApiTermination: input.DisableApiTermination ?? false,
    disableApiStop: input.DisableApiStop ?? false,
    instanceInitiatedShutdownBehavior: input.InstanceInitiatedShutdownBehavior ?? 'stop',
    sourceDestCheck: true,
    userData: input.UserData ?? null,
  }
}

function typeOf({ InstanceType: type = defaultInstanceType }: RunInstancesRequest): string {
  if (sizeOfType(type) === undefined) {
    throw invalidValue(`Invalid value '${type}' for InstanceType.`)
  }
  return type
}

async function takeAddress(
  scope: Scope,
  subnet: SubnetRecord,
  declared: string | undefined,
  networkInterfaceId: string,
): Promise<string> {
  const address =
    declared === undefined ? await anyAddress(scope, subnet) : checkedAddress(declared)
  if (address === undefined) {
    throw new ApiError(
      'InsufficientFreeAddressesInSubnet',
      `There are not enough free addresses in subnet '${subnet.subnetId}' to satisfy the requested number of instances.`,
    )
  }
  await claimAddress(scope, subnet.vpcId, { address, networkInterfaceId })
  return address
}

async function anyAddress(scope: Scope, subnet: SubnetRecord): Promise<string | undefined> {
  const [address] = await findFreeAddresses(subnet.cidrBlock, 1, (candidate) =>
    isAddressInUse(scope, subnet.vpcId, candidate),
  )
  return address
}

/** Not "this network" (0.0.0.0/8), not multicast or above (RFC 5735): no host answers there. */
function checkedAddress(text: string): string {
  const firstByte = Number((parseAddress(text, 32) ?? 0n) >> 24n)
  if (firstByte === 0 || firstByte >= 224) {
    throw invalidParameter(text, 'privateIpAddress', 'It is not the IPv4 address of a host.')
  }
  return text
}

async function store(
  scope: Scope,
  input: RunInstancesRequest,
  record: InstanceRecord,
): Promise<void> {
  const networkInterface: NetworkInterfaceRecord = {
    networkInterfaceId: record.networkInterfaceId,
    subnetId: record.subnetId,
    vpcId: record.vpcId,
    zone: record.zone,
    privateIpAddress: record.privateIpAddress,
    ipv6Address: null,
    description: input.NetworkInterfaces?.[0]?.Description ?? '',
    requesterId: null,
    securityGroups: record.securityGroups,
    attachment: {
      kind: 'instance',
      attachmentId: newId('eni-attach'),
      instanceId: record.instanceId,
    },
  }
  save(scope, kinds.networkInterface, networkInterface)
  save(scope, kinds.instance, record)
  const specifications = input.TagSpecifications ?? []
  await tagNew(scope, kinds.instance.type, record.instanceId, specifications, [
    'volume',
    kinds.networkInterface.type,
  ])
  const ofInterface = specifications.filter(
    ({ ResourceType }) => ResourceType === kinds.networkInterface.type,
  )
  const { networkInterfaceId } = networkInterface
  await tagNew(scope, kinds.networkInterface.type, networkInterfaceId, ofInterface)
}

async function earlierInstances(
  scope: Scope,
  input: RunInstancesRequest,
): Promise<InstanceRecord[] | undefined> {
  if (input.ClientToken === undefined) return undefined
  const key = ec2Keys.clientToken(scope.region, input.ClientToken)
  const earlier = await scope.tx.get<ClientTokenRecord>(key)
  if (earlier === undefined) return undefined
  if (earlier.fingerprint !== fingerprintOf(input)) {
    throw new ApiError(
      'IdempotentParameterMismatch',
      'Arguments on this idempotent request are inconsistent with arguments used in previous request(s).',
    )
  }
  return await needAll(scope, kinds.instance, earlier.instanceIds)
}

function rememberToken(
  scope: Scope,
  input: RunInstancesRequest,
  records: readonly InstanceRecord[],
): void {
  if (input.ClientToken === undefined) return
  scope.tx.put(ec2Keys.clientToken(scope.region, input.ClientToken), {
    fingerprint: fingerprintOf(input),
    instanceIds: records.map(({ instanceId }) => instanceId),
  } satisfies ClientTokenRecord)
}

function fingerprintOf({ ClientToken: _token, ...request }: RunInstancesRequest): string {
  return createHash('sha256').update(JSON.stringify(request)).digest('base64url')
}
