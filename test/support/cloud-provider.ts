import type { EC2, IpPermission } from '@aws-sdk/client-ec2'
import type {
  ElasticLoadBalancing,
  Listener,
  LoadBalancerAttributes,
  LoadBalancerDescription,
} from '@aws-sdk/client-elastic-load-balancing'
import { expect } from 'vitest'

export const LoadBalancerName = 'a0123456789abcdef0123456789abcde'
const own = { LoadBalancerName }
export const clusterTag = { Key: 'kubernetes.io/cluster/main', Value: 'owned' }
const sslPolicy = 'k8s-SSLNegotiationPolicy-ELBSecurityPolicy-2016-08'
const proxyPolicy = 'k8s-proxyprotocol-enabled'

const attributes: LoadBalancerAttributes = {
  AccessLog: { Enabled: false },
  ConnectionDraining: { Enabled: true, Timeout: 60 },
  ConnectionSettings: { IdleTimeout: 120 },
  CrossZoneLoadBalancing: { Enabled: true },
}
const healthCheck = {
  Target: 'TCP:2525',
  Interval: 10,
  Timeout: 5,
  HealthyThreshold: 2,
  UnhealthyThreshold: 6,
}

/** What a service and its cluster ask for at a time. */
export interface Wanted {
  readonly nodes: readonly string[]
  readonly subnets: readonly string[]
  readonly listeners: readonly Listener[]
  readonly permission: IpPermission
}

/**
 * Kubernetes' cloud-provider-aws for one service of type LoadBalancer: its calls, in its order. It looks before it writes, so
 * what it writes in a second synchronization shows what it did not find as it left it.
 */
export class CloudProvider {
  #writes: string[] = []
  readonly #ec2: EC2
  readonly #elb: ElasticLoadBalancing
  readonly #vpcId: string

  constructor(ec2: EC2, elb: ElasticLoadBalancing, vpcId: string) {
    this.#ec2 = ec2
    this.#elb = elb
    this.#vpcId = vpcId
  }

  /** @returns the names of its writes, but for those that it always makes: AddTags, CreateLoadBalancerPolicy. */
  async synchronize({ nodes, permission, ...wanted }: Wanted): Promise<string[]> {
    this.#writes = []
    await this.#ec2.describeAvailabilityZones({})
    const { Reservations = [] } = await this.#ec2.describeInstances({ InstanceIds: [...nodes] })
    const instances = Reservations.flatMap(({ Instances = [] }) => Instances)
    const subnets = (await this.publicSubnets()).filter((id) => wanted.subnets.includes(id))
    const group = await this.#group()
    await this.#setIngress(group, [permission])
    const found = (await this.#find()) ?? (await this.#create(subnets, group, wanted.listeners))
    await this.#correctNetwork(found, subnets, group)
    await this.#correctListeners(found, wanted.listeners)
    await this.#correctSettings(found)
    await this.#setPolicies(found)
    await this.#openNodes(group, instances[0]?.SecurityGroups?.[0]?.GroupId ?? '')
    await this.#register(found, nodes)
    return this.#writes
  }

  /** Deletes the load balancer, closes the nodes to it and deletes its security group. */
  async remove(nodeGroup: string): Promise<void> {
    const group = await this.#group()
    await expect(this.#ec2.deleteSecurityGroup({ GroupId: group })).rejects.toMatchObject({
      name: 'DependencyViolation',
    })
    await this.#ec2.revokeSecurityGroupIngress({
      GroupId: nodeGroup,
      IpPermissions: [{ IpProtocol: '-1', UserIdGroupPairs: [{ GroupId: group }] }],
    })
    await this.#elb.deleteLoadBalancer(own)
    expect(await this.#find()).toBeUndefined()
    await this.#ec2.deleteSecurityGroup({ GroupId: group })
  }

  async #write(name: string, call: Promise<unknown>): Promise<void> {
    this.#writes.push(name)
    await call
  }

  async publicSubnets(): Promise<string[]> {
    const Filters = [{ Name: 'vpc-id', Values: [this.#vpcId] }]
    const { RouteTables = [] } = await this.#ec2.describeRouteTables({ Filters })
    const isPublic = (id: string) =>
      RouteTables.find(({ Associations = [] }) =>
        Associations.some(({ SubnetId }) => SubnetId === id),
      )?.Routes?.some(({ GatewayId }) => GatewayId?.startsWith('igw-'))
    const tagged = [...Filters, { Name: 'tag-key', Values: [clusterTag.Key] }]
    const { Subnets = [] } = await this.#ec2.describeSubnets({ Filters: tagged })
    return Subnets.map(({ SubnetId = '' }) => SubnetId).filter(isPublic)
  }

  async #group(): Promise<string> {
    const GroupName = `k8s-elb-${LoadBalancerName}`
    const Filters = [
      { Name: 'group-name', Values: [GroupName] },
      { Name: 'vpc-id', Values: [this.#vpcId] },
    ]
    const { SecurityGroups = [] } = await this.#ec2.describeSecurityGroups({ Filters })
    if (SecurityGroups[0] !== undefined) return SecurityGroups[0].GroupId ?? ''
    this.#writes.push('CreateSecurityGroup')
    const Description = 'Security group for Kubernetes ELB (default/web)'
    const made = await this.#ec2.createSecurityGroup({
      GroupName,
      Description,
      VpcId: this.#vpcId,
    })
    await this.#ec2.createTags({ Resources: [made.GroupId ?? ''], Tags: [clusterTag] })
    return made.GroupId ?? ''
  }

  /** Authorizes what is missing and revokes what is too much, by exact comparison. */
  async #setIngress(GroupId: string, wanted: readonly IpPermission[]): Promise<void> {
    const { SecurityGroups } = await this.#ec2.describeSecurityGroups({ GroupIds: [GroupId] })
    const text = ({ IpProtocol, FromPort, ToPort, IpRanges }: IpPermission) =>
      JSON.stringify([IpProtocol, FromPort, ToPort, IpRanges?.map(({ CidrIp }) => CidrIp)])
    const actual = SecurityGroups?.[0]?.IpPermissions ?? []
    const missing = wanted.filter((each) => !actual.map(text).includes(text(each)))
    const excess = actual.filter((each) => !wanted.map(text).includes(text(each)))
    if (missing.length > 0) {
      const call = this.#ec2.authorizeSecurityGroupIngress({ GroupId, IpPermissions: missing })
      await this.#write('AuthorizeSecurityGroupIngress', call)
    }
    if (excess.length > 0) {
      const call = this.#ec2.revokeSecurityGroupIngress({ GroupId, IpPermissions: excess })
      await this.#write('RevokeSecurityGroupIngress', call)
    }
  }

  async #find(): Promise<LoadBalancerDescription | undefined> {
    try {
      const { LoadBalancerDescriptions } = await this.#elb.describeLoadBalancers({
        LoadBalancerNames: [LoadBalancerName],
      })
      return LoadBalancerDescriptions?.[0]
    } catch (error) {
      expect(error).toMatchObject({ name: 'AccessPointNotFoundException' })
      return undefined
    }
  }

  async #create(
    Subnets: string[],
    group: string,
    wanted: readonly Listener[],
  ): Promise<LoadBalancerDescription> {
    const request = { ...own, Subnets, SecurityGroups: [group], Listeners: [...wanted] }
    await this.#write(
      'CreateLoadBalancer',
      this.#elb.createLoadBalancer({ ...request, Tags: [clusterTag] }),
    )
    return (await this.#find()) as LoadBalancerDescription
  }

  async #correctNetwork(found: LoadBalancerDescription, wanted: string[], group: string) {
    const elb = this.#elb
    const actual = found.Subnets ?? []
    const detached = actual.filter((id) => !wanted.includes(id))
    const attached = wanted.filter((id) => !actual.includes(id))
    if (detached.length > 0) {
      const call = elb.detachLoadBalancerFromSubnets({ ...own, Subnets: detached })
      await this.#write('DetachLoadBalancerFromSubnets', call)
    }
    if (attached.length > 0) {
      const call = elb.attachLoadBalancerToSubnets({ ...own, Subnets: attached })
      await this.#write('AttachLoadBalancerToSubnets', call)
    }
    if (found.SecurityGroups?.join() !== group) {
      const call = elb.applySecurityGroupsToLoadBalancer({ ...own, SecurityGroups: [group] })
      await this.#write('ApplySecurityGroupsToLoadBalancer', call)
    }
  }

  async #correctListeners(found: LoadBalancerDescription, wanted: readonly Listener[]) {
    const text = (listener: Listener | undefined) => JSON.stringify(sorted(listener))
    const actual = (found.ListenerDescriptions ?? []).map((each) => each.Listener)
    const removed = actual.filter((each) => !wanted.map(text).includes(text(each)))
    const added = wanted.filter((each) => !actual.map(text).includes(text(each)))
    if (removed.length > 0) {
      const LoadBalancerPorts = removed.map((each) => each?.LoadBalancerPort ?? 0)
      const call = this.#elb.deleteLoadBalancerListeners({ ...own, LoadBalancerPorts })
      await this.#write('DeleteLoadBalancerListeners', call)
    }
    if (added.length > 0) {
      const call = this.#elb.createLoadBalancerListeners({ ...own, Listeners: added })
      await this.#write('CreateLoadBalancerListeners', call)
    }
  }

  /** Tags are added again each time. */
  async #correctSettings(found: LoadBalancerDescription): Promise<void> {
    const elb = this.#elb
    await elb.addTags({ LoadBalancerNames: [LoadBalancerName], Tags: [clusterTag] })
    const { LoadBalancerAttributes: actual } = await elb.describeLoadBalancerAttributes(own)
    // The provider compares these too, knows none, and so writes each time on AWS; that would hide all other differences.
    const { AdditionalAttributes: _, ...compared } = actual ?? {}
    if (JSON.stringify(sorted(compared)) !== JSON.stringify(sorted(attributes))) {
      const request = { ...own, LoadBalancerAttributes: attributes }
      await this.#write('ModifyLoadBalancerAttributes', elb.modifyLoadBalancerAttributes(request))
    }
    if (JSON.stringify(sorted(found.HealthCheck)) !== JSON.stringify(sorted(healthCheck))) {
      const request = { ...own, HealthCheck: healthCheck }
      await this.#write('ConfigureHealthCheck', elb.configureHealthCheck(request))
    }
  }

  async #setPolicies(found: LoadBalancerDescription): Promise<void> {
    const elb = this.#elb
    await elb.createLoadBalancerPolicy({
      ...own,
      PolicyName: proxyPolicy,
      PolicyTypeName: 'ProxyProtocolPolicyType',
      PolicyAttributes: [{ AttributeName: 'ProxyProtocol', AttributeValue: 'true' }],
    })
    const all = found.ListenerDescriptions ?? []
    const enabled = found.BackendServerDescriptions?.flatMap(({ PolicyNames = [] }) => PolicyNames)
    for (const { Listener } of enabled?.includes(proxyPolicy) ? [] : all) {
      const InstancePort = Listener?.InstancePort
      const request = { ...own, InstancePort, PolicyNames: [proxyPolicy] }
      const call = elb.setLoadBalancerPoliciesForBackendServer(request)
      await this.#write('SetLoadBalancerPoliciesForBackendServer', call)
    }
    if (await this.#hasSslPolicy()) return
    await elb.createLoadBalancerPolicy({
      ...own,
      PolicyName: sslPolicy,
      PolicyTypeName: 'SSLNegotiationPolicyType',
      PolicyAttributes: [
        { AttributeName: 'Reference-Security-Policy', AttributeValue: 'ELBSecurityPolicy-2016-08' },
      ],
    })
    const request = { ...own, LoadBalancerPort: 443, PolicyNames: [sslPolicy] }
    await this.#write(
      'SetLoadBalancerPoliciesOfListener',
      elb.setLoadBalancerPoliciesOfListener(request),
    )
  }

  async #hasSslPolicy(): Promise<boolean> {
    try {
      await this.#elb.describeLoadBalancerPolicies({ ...own, PolicyNames: [sslPolicy] })
      return true
    } catch (error) {
      expect(error).toMatchObject({ name: 'PolicyNotFoundException' })
      return false
    }
  }

  /** Lets the load balancer's group into the nodes' group, unless it is there already. */
  async #openNodes(group: string, nodeGroup: string): Promise<void> {
    const { SecurityGroups = [] } = await this.#ec2.describeSecurityGroups({
      Filters: [{ Name: 'ip-permission.group-id', Values: [group] }],
    })
    if (SecurityGroups.some(({ GroupId }) => GroupId === nodeGroup)) return
    const call = this.#ec2.authorizeSecurityGroupIngress({
      GroupId: nodeGroup,
      IpPermissions: [{ IpProtocol: '-1', UserIdGroupPairs: [{ GroupId: group }] }],
    })
    await this.#write('AuthorizeSecurityGroupIngress (nodes)', call)
  }

  async #register(found: LoadBalancerDescription, nodes: readonly string[]): Promise<void> {
    const actual = (found.Instances ?? []).map(({ InstanceId = '' }) => InstanceId)
    const list = (ids: readonly string[]) => ids.map((InstanceId) => ({ InstanceId }))
    const added = nodes.filter((id) => !actual.includes(id))
    const removed = actual.filter((id) => !nodes.includes(id))
    if (added.length > 0) {
      const call = this.#elb.registerInstancesWithLoadBalancer({ ...own, Instances: list(added) })
      await this.#write('RegisterInstancesWithLoadBalancer', call)
    }
    if (removed.length > 0) {
      const request = { ...own, Instances: list(removed) }
      const call = this.#elb.deregisterInstancesFromLoadBalancer(request)
      await this.#write('DeregisterInstancesFromLoadBalancer', call)
    }
  }
}

/** The same with its keys in order, so that texts of it compare. */
function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).sort(([a], [b]) => a.localeCompare(b))
  return Object.fromEntries(entries.map(([key, each]) => [key, sorted(each)]))
}
