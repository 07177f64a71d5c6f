import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ACM } from '@aws-sdk/client-acm'
import { ElasticLoadBalancing, type Listener } from '@aws-sdk/client-elastic-load-balancing'
import { IAM } from '@aws-sdk/client-iam'
import { createAcmService } from '../../src/aws/acm/service.ts'
import { newId } from '../../src/aws/ec2/ids.ts'
import type {
  InstanceRecord,
  InstanceState,
  NetworkInterfaceRecord,
  SecurityGroupRecord,
  SubnetRecord,
  VpcRecord,
} from '../../src/aws/ec2/records.ts'
import { ensureRegion } from '../../src/aws/ec2/region.ts'
import { all, kinds, type Place, save } from '../../src/aws/ec2/resources.ts'
import { foundSubnet, foundVpc } from '../../src/aws/ec2/vpc-foundation.ts'
import type { ElbQuotas } from '../../src/aws/elb/ports.ts'
import { checkIdentity, elbKeys, type LoadBalancerRecord } from '../../src/aws/elb/records.ts'
import { createElbService } from '../../src/aws/elb/service.ts'
import { createIamService } from '../../src/aws/iam/service.ts'
import type { TargetHealth } from '../../src/snapshot/status.ts'
import { SecretBox } from '../../src/std/secret-box.ts'
import { atomically, reader } from '../../src/store/transaction.ts'
import { startApi, type TestApi } from './api.ts'
import { bucketsIn, createLogBucket } from './buckets.ts'
import { selfSigned } from './certificate-authority.ts'

export const certificate = 'arn:aws:iam::123456789012:server-certificate/my-server-certificate'
export const otherCertificate = 'arn:aws:iam::123456789012:server-certificate/my-new-certificate'

export const http80: Listener = { Protocol: 'HTTP', LoadBalancerPort: 80, InstancePort: 80 }
export const tcp25: Listener = { Protocol: 'TCP', LoadBalancerPort: 25, InstancePort: 2525 }
export const https443: Listener = {
  Protocol: 'HTTPS',
  LoadBalancerPort: 443,
  InstanceProtocol: 'HTTP',
  InstancePort: 80,
  SSLCertificateId: certificate,
}

const defaultQuotas: ElbQuotas = {
  loadBalancers: 20,
  listeners: 100,
  securityGroups: 5,
  instances: 1000,
  subnetsPerZone: 1,
  tags: 50,
}

/**
 * Elastic Load Balancing, IAM and ACM behind a real server, with {@link certificate} and {@link otherCertificate} uploaded. Each
 * {@link TestRegion} of it is a system of its own.
 */
export class ElbApi implements AsyncDisposable {
  readonly api: TestApi
  readonly iam: IAM
  /** What the proxies report, by check. */
  readonly health: Map<string, TargetHealth>
  /** What drains and has nothing in flight any more, as the proxies say. */
  readonly finished: Set<string>
  readonly #folder: string
  #regions = 0

  private constructor(
    api: TestApi,
    health: Map<string, TargetHealth>,
    finished: Set<string>,
    folder: string,
  ) {
    this.api = api
    this.#folder = folder
    this.finished = finished
    this.health = health
    this.iam = new IAM(clientOf(api, 'us-east-1'))
  }

  static async start(quotas: Partial<ElbQuotas> = {}): Promise<ElbApi> {
    const health = new Map<string, TargetHealth>()
    const finished = new Set<string>()
    const folder = await mkdtemp(join(tmpdir(), 'weir-buckets-'))
    const buckets = bucketsIn(folder)
    const elb = createElbService({
      health: {
        connected: 1,
        health: (check) => health.get(check),
        finished: (target) => finished.has(target),
      },
      quotas: { ...defaultQuotas, ...quotas },
      dnsSuffix: 'amazonaws.com',
      buckets,
    })
    const box = new SecretBox(randomBytes(32))
    const iam = createIamService({ box, quotas: { serverCertificates: 20 } })
    const acm = createAcmService({
      box,
      quotas: { certificates: 3, namesPerCertificate: 10 },
      dnsSuffix: 'weir.internal',
    })
    const api = await startApi({ services: [elb, iam, acm], buckets })
    const server = new ElbApi(api, health, finished, folder)
    for (const arn of [certificate, otherCertificate]) await server.upload(nameOf(arn))
    return server
  }

  /** A region that no other test of this server uses. */
  region(): TestRegion {
    this.#regions += 1
    return new TestRegion(this, `us-west-${this.#regions}`)
  }

  /** Where the objects of a bucket are. */
  folderOf(bucket: string): string {
    return join(this.#folder, 'buckets', bucket)
  }

  /** Uploads a server certificate to IAM. */
  async upload(ServerCertificateName: string): Promise<void> {
    const { certificate: CertificateBody, privateKey: PrivateKey } = await selfSigned()
    await this.iam.uploadServerCertificate({ ServerCertificateName, CertificateBody, PrivateKey })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.api[Symbol.asyncDispose]()
    await rm(this.#folder, { recursive: true })
  }
}

function nameOf(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1)
}

function clientOf({ url }: TestApi, region: string) {
  const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' }
  return { endpoint: url, region, credentials, maxAttempts: 1 }
}

export class TestRegion {
  readonly name: string
  readonly zoneA: string
  readonly zoneB: string
  readonly elb: ElasticLoadBalancing
  readonly acm: ACM
  readonly #server: ElbApi

  constructor(server: ElbApi, name: string) {
    this.#server = server
    this.name = name
    this.zoneA = `${name}a`
    this.zoneB = `${name}b`
    this.elb = new ElasticLoadBalancing(clientOf(server.api, name))
    this.acm = new ACM(clientOf(server.api, name))
  }

  /** Makes a bucket that takes access logs of this region. @returns its name */
  async logBucket(): Promise<string> {
    const name = `my-logs-${this.name}`
    await createLogBucket(this.#server.api.buckets, name, this.name)
    return name
  }

  /** Creates a load balancer in zone a with these listeners. */
  async create(name: string, listeners: Listener[] = [http80]): Promise<void> {
    await this.elb.createLoadBalancer({
      LoadBalancerName: name,
      Listeners: listeners,
      AvailabilityZones: [this.zoneA],
    })
  }

  async describe(name: string) {
    const { LoadBalancerDescriptions } = await this.elb.describeLoadBalancers({
      LoadBalancerNames: [name],
    })
    return LoadBalancerDescriptions![0]!
  }

  async record(name: string): Promise<LoadBalancerRecord> {
    const key = elbKeys.loadBalancer(this.name, name)
    return (await reader(this.#server.api.store).get<LoadBalancerRecord>(key))!
  }

  /** Lets a proxy report on an instance of a load balancer. */
  async report(name: string, instanceId: string, health: Omit<TargetHealth, 'check'>) {
    const record = await this.record(name)
    const registration = record.instances.find((each) => each.instanceId === instanceId)!
    const check = checkIdentity(this.name, record, registration)
    this.#server.health.set(check, { ...health, check })
  }

  /** Lets the proxies say that nothing is in flight any more with an instance that drains. */
  async finish(name: string, instanceId: string) {
    const record = await this.record(name)
    const draining = record.draining.find((each) => each.instanceId === instanceId)!
    this.#server.finished.add(checkIdentity(this.name, record, draining))
  }

  async vpc({ internetGateway = true } = {}): Promise<VpcRecord> {
    const vpc: VpcRecord = {
      vpcId: newId('vpc'),
      cidrBlock: '10.0.0.0/16',
      ipv6CidrBlock: null,
      isDefault: false,
      enableDnsSupport: true,
      enableDnsHostnames: false,
    }
    await this.#write(async (at) => {
      foundVpc(at, vpc)
      if (!internetGateway) return
      const gateway = { internetGatewayId: newId('igw'), attachedVpcId: vpc.vpcId }
      save(at, kinds.internetGateway, gateway)
    })
    return vpc
  }

  /** `third` is the third number of its range, 10.0.THIRD.0/24. */
  async subnet({ vpcId }: VpcRecord, zone: string, third: number): Promise<SubnetRecord> {
    const subnet: SubnetRecord = {
      subnetId: newId('subnet'),
      vpcId,
      zone,
      cidrBlock: `10.0.${third}.0/24`,
      ipv6CidrBlock: null,
      defaultForAz: false,
      mapPublicIpOnLaunch: false,
      assignIpv6AddressOnCreation: false,
    }
    await this.#write((at) => foundSubnet(at, subnet))
    return subnet
  }

  async defaultSubnet(zone: string): Promise<SubnetRecord> {
    const subnets = await this.#write((at) => all(at, kinds.subnet))
    return subnets.find((subnet) => subnet.defaultForAz && subnet.zone === zone)!
  }

  async group(vpcId: string, groupName = 'my-group'): Promise<SecurityGroupRecord> {
    const group: SecurityGroupRecord = {
      groupId: newId('sg'),
      groupName,
      description: groupName,
      vpcId,
      ingress: [],
      egress: [],
    }
    await this.#write(async (at) => save(at, kinds.securityGroup, group))
    return group
  }

  groups(): Promise<SecurityGroupRecord[]> {
    return this.#write((at) => all(at, kinds.securityGroup))
  }

  /** Network interfaces of load balancer nodes. */
  async interfaces(): Promise<NetworkInterfaceRecord[]> {
    const found = await this.#write((at) => all(at, kinds.networkInterface))
    return found.filter(({ requesterId }) => requesterId === 'amazon-elb')
  }

  /** Declares running instances in the zone's default subnet, or in the given one. @returns their ids */
  async instances(count: number, place?: SubnetRecord): Promise<string[]> {
    const subnet = place ?? (await this.defaultSubnet(this.zoneA))
    const records = Array.from({ length: count }, () => instanceIn(subnet))
    await this.#write(async (at) => {
      for (const record of records) save(at, kinds.instance, record)
    })
    return records.map(({ instanceId }) => instanceId)
  }

  async setState(instanceId: string, state: InstanceState): Promise<void> {
    await this.#write(async (at) => {
      const record = (await at.tx.get<InstanceRecord>(kinds.instance.key(this.name, instanceId)))!
      save(at, kinds.instance, { ...record, state })
    })
  }

  /** As EC2 does an hour after termination. */
  async forgetInstance(instanceId: string): Promise<void> {
    await this.#write(async (at) => at.tx.delete(kinds.instance.key(this.name, instanceId)))
  }

  #write<T>(body: (at: Place) => Promise<T>): Promise<T> {
    return atomically(this.#server.api.store, async (tx) => {
      await ensureRegion(tx, this.name)
      return body({ tx, region: this.name })
    })
  }
}

function instanceIn({ subnetId, vpcId, zone, cidrBlock }: SubnetRecord): InstanceRecord {
  return {
    instanceId: newId('i'),
    reservationId: newId('r'),
    state: 'running',
    privateIpAddress: cidrBlock.replace(/0\/\d+$/, '200'),
    subnetId,
    vpcId,
    zone,
    imageId: 'ami-12345678',
    instanceType: 't3.micro',
    keyName: null,
    securityGroups: [],
    networkInterfaceId: newId('eni'),
    clientToken: null,
    launchTime: '2026-01-01T00:00:00.000Z',
    terminatedAt: null,
    disableApiTermination: false,
    disableApiStop: false,
    instanceInitiatedShutdownBehavior: 'stop',
    sourceDestCheck: true,
    userData: null,
  }
}

/** The instances of a request. */
export function instanceList(ids: readonly string[]): { InstanceId: string }[] {
  return ids.map((id) => ({ InstanceId: id }))
}
