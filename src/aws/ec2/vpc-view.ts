/** VPCs and subnets as the API writes them. */
import type {
  Subnet,
  SubnetIpv6CidrBlockAssociation,
  Tag,
  Vpc,
  VpcCidrBlockStateCode,
  VpcIpv6CidrBlockAssociation,
} from '@aws-sdk/client-ec2'
import { derivedId } from './ids.ts'
import type { SubnetRecord, VpcRecord } from './records.ts'
import { zoneId } from './region.ts'

export function viewVpc(vpc: VpcRecord, tags: Tag[], accountId: string): Vpc {
  return {
    VpcId: vpc.vpcId,
    CidrBlock: vpc.cidrBlock,
    CidrBlockAssociationSet: [
      {
        AssociationId: derivedId('vpc-cidr-assoc', vpc.vpcId),
        CidrBlock: vpc.cidrBlock,
        CidrBlockState: { State: 'associated' },
      },
    ],
    Ipv6CidrBlockAssociationSet: vpc.ipv6CidrBlock === null ? [] : [viewIpv6Association(vpc)],
    DhcpOptionsId: 'default',
    InstanceTenancy: 'default',
    IsDefault: vpc.isDefault,
    OwnerId: accountId,
    State: 'available',
    Tags: tags,
  }
}

export function ipv6AssociationId(vpc: VpcRecord): string {
  return derivedId('vpc-cidr-assoc-ipv6', vpc.vpcId)
}

export function viewIpv6Association(
  vpc: VpcRecord,
  state: VpcCidrBlockStateCode = 'associated',
): VpcIpv6CidrBlockAssociation {
  return {
    AssociationId: ipv6AssociationId(vpc),
    Ipv6CidrBlock: vpc.ipv6CidrBlock ?? undefined,
    Ipv6CidrBlockState: { State: state },
    NetworkBorderGroup: '',
    // Every range is of AWS's own pool, so that Terraform finds what it asked for with assign_generated_ipv6_cidr_block.
    Ipv6Pool: 'Amazon',
  }
}

export function viewSubnet(
  subnet: SubnetRecord,
  freeAddresses: number,
  tags: Tag[],
  owner: { readonly region: string; readonly accountId: string },
): Subnet {
  return {
    SubnetId: subnet.subnetId,
    SubnetArn: `arn:aws:ec2:${owner.region}:${owner.accountId}:subnet/${subnet.subnetId}`,
    VpcId: subnet.vpcId,
    AvailabilityZone: subnet.zone,
    AvailabilityZoneId: zoneId(owner.region, subnet.zone),
    CidrBlock: subnet.cidrBlock,
    Ipv6CidrBlockAssociationSet:
      subnet.ipv6CidrBlock === null ? [] : [viewSubnetIpv6Association(subnet)],
    AvailableIpAddressCount: freeAddresses,
    AssignIpv6AddressOnCreation: subnet.assignIpv6AddressOnCreation,
    DefaultForAz: subnet.defaultForAz,
    EnableDns64: false,
    Ipv6Native: false,
    MapCustomerOwnedIpOnLaunch: false,
    MapPublicIpOnLaunch: subnet.mapPublicIpOnLaunch,
    OwnerId: owner.accountId,
    PrivateDnsNameOptionsOnLaunch: {
      HostnameType: 'ip-name',
      EnableResourceNameDnsARecord: false,
      EnableResourceNameDnsAAAARecord: false,
    },
    State: 'available',
    Tags: tags,
  }
}

export function subnetIpv6AssociationId(subnet: SubnetRecord): string {
  return derivedId('subnet-cidr-assoc', subnet.subnetId)
}

export function viewSubnetIpv6Association(
  subnet: SubnetRecord,
  state: 'associated' | 'disassociating' = 'associated',
): SubnetIpv6CidrBlockAssociation {
  return {
    AssociationId: subnetIpv6AssociationId(subnet),
    Ipv6CidrBlock: subnet.ipv6CidrBlock ?? undefined,
    Ipv6CidrBlockState: { State: state },
  }
}
