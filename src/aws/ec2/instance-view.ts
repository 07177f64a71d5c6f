/** Instances as the API writes them, and their filters. */
import type {
  Instance,
  InstanceNetworkInterface,
  InstanceState,
  Reservation,
  Tag,
} from '@aws-sdk/client-ec2'
import type { FilterFields } from './filters.ts'
import { sizeOfType } from './instance-types.ts'
import {
  type GroupNames,
  macAddress,
  privateDnsName,
  readGroupNames,
  viewGroups,
} from './network-interface-view.ts'
import type { Scope } from './operation.ts'
import type { InstanceRecord, NetworkInterfaceRecord } from './records.ts'
import { all, kinds } from './resources.ts'

const stateCodes = { running: 16, terminated: 48, stopped: 80 } as const

/** What it takes to write instances: read once for all of them. */
export interface InstanceSurroundings {
  readonly region: string
  readonly accountId: string
  readonly groupNames: GroupNames
  readonly interfaces: ReadonlyMap<string, NetworkInterfaceRecord>
}

export async function readSurroundings(scope: Scope): Promise<InstanceSurroundings> {
  const interfaces = await all(scope, kinds.networkInterface)
  return {
    region: scope.region,
    accountId: scope.accountId,
    groupNames: await readGroupNames(scope),
    interfaces: new Map(interfaces.map((each) => [each.networkInterfaceId, each])),
  }
}

export function viewState(state: InstanceRecord['state']): InstanceState {
  return { Code: stateCodes[state], Name: state }
}

/** Instances by the request that declared them. */
export function viewReservations(
  records: readonly InstanceRecord[],
  tagsOf: (record: InstanceRecord) => Tag[],
  around: InstanceSurroundings,
): Reservation[] {
  const groups = Map.groupBy(records, ({ reservationId }) => reservationId)
  return [...groups].map(([reservationId, instances]) => ({
    ReservationId: reservationId,
    OwnerId: around.accountId,
    Groups: [],
    Instances: instances.map((each) => viewInstance(each, tagsOf(each), around)),
  }))
}

function viewInstance(record: InstanceRecord, tags: Tag[], around: InstanceSurroundings): Instance {
  return {
    InstanceId: record.instanceId,
    State: viewState(record.state),
    StateTransitionReason: record.state === 'running' ? '' : 'User initiated',
    AmiLaunchIndex: 0,
    Architecture: 'x86_64',
    BlockDeviceMappings: [],
    ClientToken: record.clientToken ?? '',
    CpuOptions: { CoreCount: sizeOfType(record.instanceType)?.vcpus ?? 1, ThreadsPerCore: 1 },
    EbsOptimized: false,
    EnaSupport: true,
    Hypervisor: 'xen',
    ImageId: record.imageId,
    InstanceType: record.instanceType as NonNullable<Instance['InstanceType']>,
    KeyName: record.keyName ?? undefined,
    LaunchTime: new Date(record.launchTime),
    Monitoring: { State: 'disabled' },
    Placement: { AvailabilityZone: record.zone, GroupName: '', Tenancy: 'default' },
    ProductCodes: [],
    PublicDnsName: '',
    RootDeviceType: 'instance-store',
    Tags: tags,
    VirtualizationType: 'hvm',
    ...(record.state === 'terminated'
      ? { NetworkInterfaces: [], SecurityGroups: [], PrivateDnsName: '' }
      : viewNetwork(record, around)),
  }
}

function viewNetwork(record: InstanceRecord, around: InstanceSurroundings): Partial<Instance> {
  const { privateIpAddress } = record
  const networkInterface = around.interfaces.get(record.networkInterfaceId)
  return {
    PrivateIpAddress: privateIpAddress,
    PrivateDnsName: privateDnsName(privateIpAddress, around.region),
    SubnetId: record.subnetId,
    VpcId: record.vpcId,
    SourceDestCheck: record.sourceDestCheck,
    SecurityGroups: viewGroups(record.securityGroups, around.groupNames),
    NetworkInterfaces:
      networkInterface === undefined ? [] : [viewInterface(record, networkInterface, around)],
  }
}

function viewInterface(
  record: InstanceRecord,
  networkInterface: NetworkInterfaceRecord,
  around: InstanceSurroundings,
): InstanceNetworkInterface {
  const { privateIpAddress } = record
  const dnsName = privateDnsName(privateIpAddress, around.region)
  return {
    NetworkInterfaceId: networkInterface.networkInterfaceId,
    Attachment: {
      AttachmentId: networkInterface.attachment?.attachmentId,
      AttachTime: new Date(record.launchTime),
      DeleteOnTermination: true,
      DeviceIndex: 0,
      NetworkCardIndex: 0,
      Status: 'attached',
    },
    Description: networkInterface.description,
    Groups: viewGroups(networkInterface.securityGroups, around.groupNames),
    InterfaceType: 'interface',
    Ipv6Addresses: [],
    MacAddress: macAddress(networkInterface),
    OwnerId: around.accountId,
    PrivateDnsName: dnsName,
    PrivateIpAddress: privateIpAddress,
    PrivateIpAddresses: [
      { Primary: true, PrivateIpAddress: privateIpAddress, PrivateDnsName: dnsName },
    ],
    SourceDestCheck: record.sourceDestCheck,
    Status: 'in-use',
    SubnetId: record.subnetId,
    VpcId: record.vpcId,
  }
}

export function instanceFilters(around: InstanceSurroundings): FilterFields<InstanceRecord> {
  const groupIds = (record: InstanceRecord): readonly string[] => record.securityGroups
  const groupNames = (record: InstanceRecord): readonly (string | undefined)[] =>
    record.securityGroups.map((id) => around.groupNames.get(id))
  return {
    architecture: () => 'x86_64',
    'availability-zone': (record) => record.zone,
    'client-token': (record) => record.clientToken,
    'dns-name': () => null,
    'group-id': groupIds,
    'group-name': groupNames,
    'image-id': (record) => record.imageId,
    'instance-id': (record) => record.instanceId,
    'instance-state-code': (record) => stateCodes[record.state],
    'instance-state-name': (record) => record.state,
    'instance-type': (record) => record.instanceType,
    'instance.group-id': groupIds,
    'instance.group-name': groupNames,
    'ip-address': () => null,
    'key-name': (record) => record.keyName,
    'launch-time': (record) => record.launchTime,
    'network-interface.addresses.private-ip-address': (record) => record.privateIpAddress,
    'network-interface.group-id': groupIds,
    'network-interface.group-name': groupNames,
    'network-interface.network-interface-id': (record) => record.networkInterfaceId,
    'network-interface.subnet-id': (record) => record.subnetId,
    'network-interface.vpc-id': (record) => record.vpcId,
    'owner-id': () => around.accountId,
    'private-dns-name': (record) => privateDnsName(record.privateIpAddress, around.region),
    'private-ip-address': (record) => record.privateIpAddress,
    'requester-id': () => null,
    'reservation-id': (record) => record.reservationId,
    'source-dest-check': (record) => record.sourceDestCheck,
    'subnet-id': (record) => record.subnetId,
    tenancy: () => 'default',
    'vpc-id': (record) => record.vpcId,
  }
}
