/** EC2's networks as Huawei Cloud's load balancers have them: subnets and VPCs are the same, under the same ids. */
import {
  createNodeInterface,
  defaultSecurityGroup,
  deleteNodeInterface,
  findSubnet,
} from '../aws/ec2/load-balancing.ts'
import type { SubnetRecord } from '../aws/ec2/records.ts'
import { ec2Keys } from '../aws/ec2/records.ts'
import { ensureRegion, zonesOf } from '../aws/ec2/region.ts'
import { readTags } from '../aws/ec2/tags.ts'
import { ApiError } from '../aws/wire/errors.ts'
import type { AddressRequest, NamedSubnet, Networks, Subnet } from '../huawei/elb/networks.ts'
import type { AddressRecord } from '../huawei/elb/records.ts'
import { conflict, invalidInput } from '../huawei/wire/errors.ts'
import type { Transaction } from '../store/transaction.ts'

/** @param region whose networks they are */
export function huaweiNetworks(region: string): Networks {
  return {
    zones: () => zonesOf(region),
    async findSubnet(tx, subnetId) {
      const found = await findSubnet(tx, region, subnetId)
      return found === undefined ? undefined : subnetOf(found)
    },
    async findSubnetOf(tx, vpcId, zone) {
      await ensureRegion(tx, region)
      const subnets = await tx.list<SubnetRecord>(ec2Keys.subnets(region))
      const found = subnets.find((subnet) => subnet.vpcId === vpcId && subnet.zone === zone)
      return found === undefined ? undefined : subnetOf(found)
    },
    namedSubnets: (tx) => namedSubnets(tx, region),
    takeAddress: (tx, request) => takeAddress(tx, region, request),
    releaseAddress: (tx, interfaceId) => deleteNodeInterface(tx, region, interfaceId),
  }
}

function subnetOf({ subnetId, vpcId, zone, cidrBlock, ipv6CidrBlock }: SubnetRecord): Subnet {
  const ranges = ipv6CidrBlock === null ? [cidrBlock] : [cidrBlock, ipv6CidrBlock]
  return { id: subnetId, vpcId, zone, ranges }
}

/** The tag `Name` is the name. */
async function namedSubnets(tx: Transaction, region: string): Promise<NamedSubnet[]> {
  await ensureRegion(tx, region)
  const tags = await readTags({ tx, region })
  const nameOf = (id: string) => tags.get(id)?.find(({ key }) => key === 'Name')?.value ?? ''
  const subnets = await tx.list<SubnetRecord>(ec2Keys.subnets(region))
  return subnets.map((subnet) => ({
    ...subnetOf(subnet),
    name: nameOf(subnet.subnetId),
    vpcName: nameOf(subnet.vpcId),
  }))
}

async function takeAddress(
  tx: Transaction,
  region: string,
  { subnetId, address, owner, now }: AddressRequest,
): Promise<AddressRecord> {
  const subnet = await findSubnet(tx, region, subnetId)
  const group = await defaultSecurityGroup(tx, region, subnet?.vpcId ?? '')
  try {
    const made = await createNodeInterface(tx, region, {
      loadBalancerName: owner,
      subnetId,
      securityGroups: [group.groupId],
      attachTime: now,
      ...(address === null ? {} : { address }),
    })
    return {
      interface_id: made.networkInterfaceId,
      address: made.privateIpAddress,
      ipv6_address: made.ipv6Address,
    }
  } catch (error) {
    throw inHuaweisWords(error)
  }
}

function inHuaweisWords(error: unknown): unknown {
  if (!(error instanceof ApiError)) return error
  return error.code === 'InvalidParameterValue'
    ? invalidInput(error.message)
    : conflict(error.message)
}
