/**
 * What Elastic Load Balancing asks of EC2, inside its own transactions.
 * Every function first makes sure that the region exists (default VPC, subnets, gateways: `region.ts`).
 */
import type { Transaction } from '../../store/transaction.ts'
import type {
  InstanceRecord,
  NetworkInterfaceRecord,
  SecurityGroupRecord,
  SubnetRecord,
  VpcRecord,
} from './records.ts'

/** The VPC that a region has from its first use. */
export declare function defaultVpc(tx: Transaction, region: string): Promise<VpcRecord>
/** The subnet of the default VPC in that zone; undefined when the region has no such zone. */
export declare function defaultSubnet(
  tx: Transaction,
  region: string,
  zone: string,
): Promise<SubnetRecord | undefined>
export declare function findSubnet(
  tx: Transaction,
  region: string,
  subnetId: string,
): Promise<SubnetRecord | undefined>
/** Whether the subnet's route table has a route to an internet gateway. */
export declare function isPublicSubnet(
  tx: Transaction,
  region: string,
  subnetId: string,
): Promise<boolean>
export declare function findInstance(
  tx: Transaction,
  region: string,
  instanceId: string,
): Promise<InstanceRecord | undefined>
export declare function findSecurityGroup(
  tx: Transaction,
  region: string,
  groupId: string,
): Promise<SecurityGroupRecord | undefined>
/** The VPC's group named `default`. */
export declare function defaultSecurityGroup(
  tx: Transaction,
  region: string,
  vpcId: string,
): Promise<SecurityGroupRecord>
/** The group `default_elb_<uuid>` of the VPC that load balancers without groups share: found, or made. */
export declare function loadBalancerSecurityGroup(
  tx: Transaction,
  region: string,
  vpcId: string,
): Promise<SecurityGroupRecord>
/**
 * Makes the network interface of a load balancer's node, with a free address of the subnet
 * (and an IPv6 address where the subnet has a range).
 * @throws ApiError InvalidSubnet when the subnet has fewer than 8 free addresses.
 */
export declare function createNodeInterface(
  tx: Transaction,
  region: string,
  node: {
    readonly loadBalancerName: string
    readonly subnetId: string
    readonly securityGroups: readonly string[]
  },
): Promise<NetworkInterfaceRecord>
/** Frees the interface and its addresses; nothing happens if it is gone already. */
export declare function deleteNodeInterface(
  tx: Transaction,
  region: string,
  networkInterfaceId: string,
): Promise<void>
/** Replaces the security groups of a node's interface. */
export declare function setNodeSecurityGroups(
  tx: Transaction,
  region: string,
  networkInterfaceId: string,
  securityGroups: readonly string[],
): Promise<void>
