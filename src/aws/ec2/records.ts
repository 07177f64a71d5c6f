/**
 * EC2's resources as they are stored, and the keys they are stored under. A region is a namespace: every key starts with it.
 * Load balancing reads instances, subnets and security groups, and owns the network interfaces of its nodes.
 */

export interface VpcRecord {
  readonly vpcId: string
  readonly cidrBlock: string
  readonly ipv6CidrBlock: string | null
  readonly isDefault: boolean
  readonly enableDnsSupport: boolean
  readonly enableDnsHostnames: boolean
}

export interface SubnetRecord {
  readonly subnetId: string
  readonly vpcId: string
  /** Zone name, e.g. `us-west-2a`. */
  readonly zone: string
  readonly cidrBlock: string
  readonly ipv6CidrBlock: string | null
  readonly defaultForAz: boolean
  readonly mapPublicIpOnLaunch: boolean
}

export type InstanceState = 'running' | 'stopped' | 'terminated'

export interface InstanceRecord {
  readonly instanceId: string
  readonly reservationId: string
  readonly state: InstanceState
  /** The host that traffic goes to: any address that the proxy can reach. */
  readonly privateIpAddress: string
  readonly subnetId: string
  readonly vpcId: string
  readonly zone: string
  readonly imageId: string
  readonly instanceType: string
  readonly keyName: string | null
  readonly securityGroups: readonly string[]
  readonly networkInterfaceId: string
  readonly clientToken: string | null
  /** ISO 8601. */
  readonly launchTime: string
  /** ISO 8601, when it was terminated: it stays visible for an hour. */
  readonly terminatedAt: string | null
  readonly disableApiTermination: boolean
  readonly userData: string | null
}

export interface SecurityGroupRecord {
  readonly groupId: string
  readonly groupName: string
  readonly description: string
  readonly vpcId: string
  readonly ingress: readonly SecurityGroupRule[]
  readonly egress: readonly SecurityGroupRule[]
}

export interface SecurityGroupRule {
  readonly ruleId: string
  /** `tcp`, `udp`, `icmp`, `icmpv6`, a protocol number, or `-1` for all. */
  readonly protocol: string
  readonly fromPort: number | null
  readonly toPort: number | null
  readonly description: string | null
  readonly source:
    | { readonly kind: 'ipv4' | 'ipv6' | 'prefix-list'; readonly value: string }
    | { readonly kind: 'group'; readonly groupId: string; readonly ownerId: string }
}

export interface NetworkInterfaceRecord {
  readonly networkInterfaceId: string
  readonly subnetId: string
  readonly vpcId: string
  readonly zone: string
  readonly privateIpAddress: string
  readonly ipv6Address: string | null
  /** `ELB NAME` for a load balancer's node. */
  readonly description: string
  /** `amazon-elb` for a load balancer's node, otherwise the account. */
  readonly requesterId: string | null
  readonly securityGroups: readonly string[]
  readonly attachment:
    | { readonly kind: 'load-balancer'; readonly attachmentId: string }
    | { readonly kind: 'instance'; readonly attachmentId: string; readonly instanceId: string }
    | null
}

export const ec2Keys = {
  region: (region: string) => `ec2/${region}/region`,
  vpcs: (region: string) => `ec2/${region}/vpc/`,
  vpc: (region: string, id: string) => `ec2/${region}/vpc/${id}`,
  subnets: (region: string) => `ec2/${region}/subnet/`,
  subnet: (region: string, id: string) => `ec2/${region}/subnet/${id}`,
  instances: (region: string) => `ec2/${region}/instance/`,
  instance: (region: string, id: string) => `ec2/${region}/instance/${id}`,
  securityGroups: (region: string) => `ec2/${region}/security-group/`,
  securityGroup: (region: string, id: string) => `ec2/${region}/security-group/${id}`,
  networkInterfaces: (region: string) => `ec2/${region}/network-interface/`,
  networkInterface: (region: string, id: string) => `ec2/${region}/network-interface/${id}`,
} as const
