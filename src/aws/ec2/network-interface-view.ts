/** Network interfaces as the API writes them, and their filters. */
import type { GroupIdentifier, NetworkInterface, Tag } from '@aws-sdk/client-ec2'
import type { FilterFields } from './filters.ts'
import type { NetworkInterfaceRecord } from './records.ts'
import { all, kinds, type Place } from './resources.ts'

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
  owner: { readonly region: string; readonly accountId: string },
): NetworkInterface {
  const { privateIpAddress, ipv6Address, requesterId } = record
  const dnsName = privateDnsName(privateIpAddress, owner.region)
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
    Attachment: viewAttachment(record, owner.accountId),
    Status: statusOf(record),
    InterfaceType: 'interface',
    MacAddress: macAddress(record),
    OwnerId: owner.accountId,
    RequesterId: requesterId ?? undefined,
    RequesterManaged: requesterId !== null,
    SourceDestCheck: true,
    TagSet: tags,
  }
}

export function networkInterfaceFilters(
  names: GroupNames,
  owner: { readonly region: string; readonly accountId: string },
): FilterFields<NetworkInterfaceRecord> {
  return {
    'addresses.private-ip-address': (record) => record.privateIpAddress,
    'addresses.primary': () => true,
    'addresses.association.public-ip': () => null,
    'association.public-ip': () => null,
    'attachment.attachment-id': (record) => record.attachment?.attachmentId,
    'attachment.device-index': (record) => deviceIndex(record),
    'attachment.instance-id': (record) => instanceOf(record),
    'attachment.instance-owner-id': (record) => instanceOwner(record, owner.accountId),
    'attachment.status': (record) => (record.attachment === null ? null : 'attached'),
    'availability-zone': (record) => record.zone,
    description: (record) => record.description,
    'group-id': (record) => record.securityGroups,
    'group-name': (record) => record.securityGroups.map((id) => names.get(id)),
    'interface-type': () => 'interface',
    'ipv6-addresses.ipv6-address': (record) => record.ipv6Address,
    'mac-address': macAddress,
    'network-interface-id': (record) => record.networkInterfaceId,
    'owner-id': () => owner.accountId,
    'private-dns-name': (record) => privateDnsName(record.privateIpAddress, owner.region),
    'private-ip-address': (record) => record.privateIpAddress,
    'requester-id': (record) => record.requesterId,
    'requester-managed': (record) => record.requesterId !== null,
    status: statusOf,
    'subnet-id': (record) => record.subnetId,
    'vpc-id': (record) => record.vpcId,
  }
}

function viewAttachment(
  record: NetworkInterfaceRecord,
  accountId: string,
): NetworkInterface['Attachment'] {
  if (record.attachment === null) return undefined
  return {
    AttachmentId: record.attachment.attachmentId,
    DeviceIndex: deviceIndex(record) ?? undefined,
    DeleteOnTermination: record.attachment.kind === 'instance',
    InstanceId: instanceOf(record) ?? undefined,
    InstanceOwnerId: instanceOwner(record, accountId) ?? undefined,
    Status: 'attached',
  }
}

function statusOf(record: NetworkInterfaceRecord): 'in-use' | 'available' {
  return record.attachment === null ? 'available' : 'in-use'
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
