/**
 * EC2's resources as they are stored, and the keys they are stored under. A region is a namespace: every key starts with it.
 * Load balancing reads instances, subnets and security groups, and owns the network interfaces of its nodes.
 * Tags are kept apart, one document a resource, so that one operation tags resources of any kind.
 */

/** A region exists from its first use. */
export interface RegionRecord {
  readonly region: string
  /** The VPC that was made with it; it may have been deleted since. */
  readonly defaultVpcId: string
}

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
  readonly assignIpv6AddressOnCreation: boolean
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
  readonly disableApiStop: boolean
  readonly instanceInitiatedShutdownBehavior: 'stop' | 'terminate'
  readonly sourceDestCheck: boolean
  readonly userData: string | null
}

/** What a RunInstances request with that token made; a repetition gets the same answer. */
export interface ClientTokenRecord {
  /** Digest of the request without its token. */
  readonly fingerprint: string
  readonly instanceIds: readonly string[]
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
    /** `ownerId` null: a group of this account; `amazon-elb` owns the group that stood for load balancers in EC2-Classic. */
    | { readonly kind: 'group'; readonly groupId: string; readonly ownerId: 'amazon-elb' | null }
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
  readonly attachment: /** `attachTime`: milliseconds since the Unix epoch. */
    | {
        readonly kind: 'load-balancer'
        readonly attachmentId: string
        readonly attachTime: number
      }
    | { readonly kind: 'instance'; readonly attachmentId: string; readonly instanceId: string }
    | null
}

export interface InternetGatewayRecord {
  readonly internetGatewayId: string
  readonly attachedVpcId: string | null
}

export interface RouteTableRecord {
  readonly routeTableId: string
  readonly vpcId: string
  readonly routes: readonly RouteRecord[]
  readonly associations: readonly RouteTableAssociation[]
}

export interface RouteRecord {
  /** IPv4 or IPv6 range in canonical form. */
  readonly destination: string
  readonly target: {
    readonly kind: 'local' | 'gateway' | 'instance' | 'network-interface'
    /** `local` for the VPC itself. */
    readonly id: string
  }
}

export interface RouteTableAssociation {
  readonly associationId: string
  /** null: it is the VPC's main table, which serves every subnet without a table of its own. */
  readonly subnetId: string | null
}

export interface NetworkAclRecord {
  readonly networkAclId: string
  readonly vpcId: string
  readonly isDefault: boolean
  /** In order of direction and number, without the final rule that denies everything. */
  readonly entries: readonly NetworkAclEntryRecord[]
  readonly associations: readonly NetworkAclAssociation[]
}

export interface NetworkAclEntryRecord {
  /** 1 to 32766: the first entry that matches decides. */
  readonly ruleNumber: number
  readonly egress: boolean
  readonly action: 'allow' | 'deny'
  /** A protocol number, or `-1` for all. */
  readonly protocol: string
  readonly cidrBlock: string | null
  readonly ipv6CidrBlock: string | null
  readonly portRange: { readonly from: number; readonly to: number } | null
  readonly icmp: { readonly type: number; readonly code: number } | null
}

export interface NetworkAclAssociation {
  readonly associationId: string
  readonly subnetId: string
}

export interface TagsRecord {
  readonly resourceId: string
  /** Sorted by key. */
  readonly tags: readonly TagRecord[]
}

export interface TagRecord {
  readonly key: string
  readonly value: string
}

/** One address in use in a VPC. Its key is what makes two concurrent takers of one address conflict. */
export interface AddressRecord {
  readonly address: string
  readonly networkInterfaceId: string
}

export const ec2Keys = {
  firstDefaultVpc: 'ec2/first-default-vpc',
  /** Names of all regions in use, in order of first use: the place decides the default VPC's range. */
  regions: 'ec2/regions',
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
  internetGateways: (region: string) => `ec2/${region}/internet-gateway/`,
  internetGateway: (region: string, id: string) => `ec2/${region}/internet-gateway/${id}`,
  routeTables: (region: string) => `ec2/${region}/route-table/`,
  routeTable: (region: string, id: string) => `ec2/${region}/route-table/${id}`,
  networkAcls: (region: string) => `ec2/${region}/network-acl/`,
  networkAcl: (region: string, id: string) => `ec2/${region}/network-acl/${id}`,
  tags: (region: string) => `ec2/${region}/tags/`,
  tagsOf: (region: string, id: string) => `ec2/${region}/tags/${id}`,
  clientToken: (region: string, token: string) => `ec2/${region}/client-token/${token}`,
  addresses: (region: string, vpcId: string) => `ec2/${region}/address/${vpcId}/`,
  address: (region: string, vpcId: string, address: string) =>
    `ec2/${region}/address/${vpcId}/${address}`,
  /** Addresses of load balancer nodes, over all regions and VPCs: a proxy listens on them. */
  nodeAddress: (address: string) => `ec2/node-address/${address}`,
} as const
