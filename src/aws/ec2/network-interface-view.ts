/** Network interfaces as the API writes them, and their filters. */
import type { GroupIdentifier, NetworkInterface, Tag } from '@aws-sdk/client-ec2'
import type { FilterFields } from './filters.ts'
import type { NetworkInterfaceRecord } from './records.ts'
import { all, kinds, type Place } from './resources.ts'

/**
 * Milliseconds until a load balancer's interface counts as attached. AWS's take about as long, and are `available` until then:
 * Ansible waits for that state when it has created a load balancer.
 */
const attachingTime = 60_000

/** Whose interfaces they are, and when one looks. */
interface Viewer {
  readonly region: string
  readonly accountId: string
  /** Milliseconds since the Unix epoch. */
  readonly now: number
}

export type GroupNames = ReadonlyMap<string, string>

/** Names of the region's security groups by id. */
export async function readGroupNames(at: Place): Promise<GroupNames> {
  const groups = await all(at, kinds.securityGroup)
  return new Map(groups.map(({ groupId, groupName }) => [groupId, groupName]))
}

export function viewGroups(ids: readonly string[], names: GroupNames): GroupIdentifier[] {
  return ids.map((id) => ({ GroupId: id, GroupName: names.get(id) }))
}

/** `ip-127-16-0-4.us-west-2.compute.internal` */
export function privateDnsName(address: string, region: string): string {
  return `ip-${address.replaceAll('.', '-')}.${region}.compute.internal`
}

/** Locally administered, and the same for as long as the interface lives. */
export function macAddress({ networkInterfaceId }: NetworkInterfaceRecord): string {
  const digits = networkInterfaceId.replace('eni-', '').slice(0, 10)
  return `0a:${digits.match(/../g)?.join(':')}`
}

export function viewNetworkInterface(
  record: NetworkInterfaceRecord,
  tags: Tag[],
  names: GroupNames,
  viewer: Viewer,
): NetworkInterface {
  const { privateIpAddress, ipv6Address, requesterId } = record
  const dnsName = privateDnsName(privateIpAddress, viewer.region)
  return {
    NetworkInterfaceId: record.networkInterfaceId,
    SubnetId: record.subnetId,
    VpcId: record.vpcId,
    AvailabilityZone: record.zone,
    Description: record.description,
    PrivateIpAddress: privateIpAddress,
    PrivateDnsName: dnsName,
    PrivateIpAddresses: [
      { Primary: true, PrivateIpAddress: privateIpAddress, PrivateDnsName: dnsName },
    ],
    Ipv6Addresses: ipv6Address === null ? [] : [{ Ipv6Address: ipv6Address }],
    Groups: viewGroups(record.securityGroups, names),
    Attachment: viewAttachment(record, viewer),
    Status: statusOf(record, viewer),
    InterfaceType: 'interface',
    MacAddress: macAddress(record),
    OwnerId: viewer.accountId,
    RequesterId: requesterId ?? undefined,
    RequesterManaged: requesterId !== null,
    SourceDestCheck: true,
    TagSet: tags,
  }
}

export function networkInterfaceFilters(
  names: GroupNames,
  viewer: Viewer,
): FilterFields<NetworkInterfaceRecord> {
  return {
    'addresses.private-ip-address': (record) => record.privateIpAddress,
    'addresses.primary': () => true,
    'addresses.association.public-ip': () => null,
    'association.public-ip': () => null,
    'attachment.attachment-id': (record) => record.attachment?.attachmentId,
    'attachment.device-index': (record) => deviceIndex(record),
    'attachment.instance-id': (record) => instanceOf(record),
    'attachment.instance-owner-id': (record) => instanceOwner(record, viewer.accountId),
    'attachment.status': (record) => attachmentStatus(record, viewer),
    'availability-zone': (record) => record.zone,
    description: (record) => record.description,
    'group-id': (record) => record.securityGroups,
    'group-name': (record) => record.securityGroups.map((id) => names.get(id)),
    'interface-type': () => 'interface',
    'ipv6-addresses.ipv6-address': (record) => record.ipv6Address,
    'mac-address': macAddress,
    'network-interface-id': (record) => record.networkInterfaceId,
    'owner-id': () => viewer.accountId,
    'private-dns-name': (record) => privateDnsName(record.privateIpAddress, viewer.region),
    'private-ip-address': (record) => record.privateIpAddress,
    'requester-id': (record) => record.requesterId,
    'requester-managed': (record) => record.requesterId !== null,
    status: (record) => statusOf(record, viewer),
    'subnet-id': (record) => record.subnetId,
    'vpc-id': (record) => record.vpcId,
  }
}

function viewAttachment(
  record: NetworkInterfaceRecord,
  viewer: Viewer,
): NetworkInterface['Attachment'] {
  if (record.attachment === null) return undefined
  return {
    AttachmentId: record.attachment.attachmentId,
    DeviceIndex: deviceIndex(record) ?? undefined,
    DeleteOnTermination: record.attachment.kind === 'instance',
    InstanceId: instanceOf(record) ?? undefined,
    InstanceOwnerId: instanceOwner(record, viewer.accountId) ?? undefined,
    Status: attachmentStatus(record, viewer) ?? undefined,
    AttachTime:
      record.attachment.kind === 'load-balancer'
        ? new Date(record.attachment.attachTime)
        : undefined,
  }
}

function attachmentStatus(
  { attachment }: NetworkInterfaceRecord,
  { now }: Viewer,
): 'attaching' | 'attached' | null {
  if (attachment === null) return null
  const isNew = attachment.kind === 'load-balancer' && now - attachment.attachTime < attachingTime
  return isNew ? 'attaching' : 'attached'
}

function statusOf(record: NetworkInterfaceRecord, viewer: Viewer): 'in-use' | 'available' {
  return attachmentStatus(record, viewer) === 'attached' ? 'in-use' : 'available'
}

/** AWS shows the interfaces of load balancers at index 1, those of instances at 0. */
function deviceIndex({ attachment }: NetworkInterfaceRecord): number | null {
  if (attachment === null) return null
  return attachment.kind === 'instance' ? 0 : 1
}

function instanceOf({ attachment }: NetworkInterfaceRecord): string | null {
  return attachment?.kind === 'instance' ? attachment.instanceId : null
}

function instanceOwner({ attachment }: NetworkInterfaceRecord, accountId: string): string | null {
  if (attachment === null) return null
  return attachment.kind === 'load-balancer' ? 'amazon-elb' : accountId
}
