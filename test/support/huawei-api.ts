import { randomBytes } from 'node:crypto'
import type { Buckets } from '../../src/buckets/buckets.ts'
import { huaweiLogGroups } from '../../src/cli/huawei-log-groups.ts'
import { huaweiNetworks } from '../../src/cli/huawei-networks.ts'
import { createElbApi } from '../../src/huawei/elb/api.ts'
import type { Quotas } from '../../src/huawei/elb/quotas/quotas.ts'
import { createKeystoneApi } from '../../src/huawei/keystone/api.ts'
import { Projects } from '../../src/huawei/keystone/projects.ts'
import { Tokens } from '../../src/huawei/keystone/tokens.ts'
import { createHuaweiEndpoint } from '../../src/huawei/wire/endpoint.ts'
import { openApiOf } from '../../src/huawei/wire/openapi.ts'
import type { TargetHealth } from '../../src/snapshot/status.ts'
import { SecretBox } from '../../src/std/secret-box.ts'
import { atomically } from '../../src/store/transaction.ts'
import { createLogger } from '../../src/telemetry/logger.ts'
import { startApi, type TestApi } from './api.ts'
import { describedOnly } from './described-answers.ts'
import { type Answer, HuaweiClient } from './huawei.ts'
import { ManualClock } from './manual-clock.ts'

const region = 'us-west-2'

const quotas: Quotas = {
  loadbalancer: 50,
  listener: 100,
  pool: 500,
  member: 500,
  healthmonitor: 500,
  certificate: 120,
  ipgroup: 50,
  l7policy: 500,
  security_policy: 50,
}

/**
 * Huawei Cloud's ELB API, and Keystone's, behind a real server that asks nobody for a proof, and answers as they say in their descriptions
 * or not at all. Each project of it is a system of its own.
 */
export class HuaweiApi implements AsyncDisposable {
  readonly api: TestApi
  readonly clock: ManualClock
  readonly box: SecretBox
  /** What the proxies report, by check. */
  readonly health: Map<string, TargetHealth>
  /** Names of operations that were asked, and did what they do. */
  readonly done: ReadonlySet<string>

  private constructor(
    api: TestApi,
    clock: ManualClock,
    box: SecretBox,
    health: Map<string, TargetHealth>,
    done: ReadonlySet<string>,
  ) {
    this.done = done
    this.box = box
    this.api = api
    this.clock = clock
    this.health = health
  }

  /** @param logBuckets where access logs go; default: the system's own buckets */
  static async start(limits: Partial<Quotas> = {}, logBuckets?: Buckets): Promise<HuaweiApi> {
    const health = new Map<string, TargetHealth>()
    const clock = new ManualClock(Date.parse('2024-06-20T08:00:00Z'))
    const box = new SecretBox(randomBytes(32))
    const tokens = new Tokens(box, null, clock)
    const keystone = createKeystoneApi({
      ...{ projects: new Projects('123456789012', region), tokens, region },
      catalog: [{ type: 'elbv3', name: 'elbv3', path: '/v3/{project_id}' }],
    })
    const done = new Set<string>()
    const logger = createLogger('silent')
    const api = await startApi({
      services: [],
      huawei: (store, buckets) => {
        const elb = createElbApi({
          networks: huaweiNetworks(region),
          health: { health: (check) => health.get(check) },
          traffic: { counters: () => [] },
          box,
          quotas: { ...quotas, ...limits },
          logGroups: huaweiLogGroups({
            ...{ region, account: '123456789012', logger },
            buckets: logBuckets ?? buckets,
          }),
        })
        const described = [elb, keystone]
        const endpoint = createHuaweiEndpoint({
          apis: [elb, keystone, openApiOf(described)],
          store,
          clock,
          logger,
          auth: { kind: 'none', refuse: () => null, tokens },
        })
        return describedOnly(endpoint, described, done)
      },
    })
    return new HuaweiApi(api, clock, box, health, done)
  }

  /** A project that no other test uses. */
  project(): TestProject {
    return new TestProject(this.api.url, randomBytes(16).toString('hex'))
  }

  /** A subnet of the default VPC. */
  async subnet(zone = `${region}a`): Promise<{ id: string; vpcId: string; range: string }> {
    const { vpcs, subnets } = await atomically(this.api.store, async (tx) => {
      const networks = huaweiNetworks(region)
      await networks.findSubnet(tx, 'subnet-00000000000000000')
      return {
        vpcs: await tx.list<{ vpcId: string; isDefault: boolean }>(`ec2/${region}/vpc/`),
        subnets: await tx.list<{
          subnetId: string
          vpcId: string
          zone: string
          cidrBlock: string
        }>(`ec2/${region}/subnet/`),
      }
    })
    const vpcId = vpcs.find(({ isDefault }) => isDefault)?.vpcId ?? ''
    const subnet = subnets.find((each) => each.vpcId === vpcId && each.zone === zone)
    return { id: subnet?.subnetId ?? '', vpcId, range: subnet?.cidrBlock ?? '' }
  }

  /** One of another zone, with an IPv6 range. */
  async dualStackSubnet(): Promise<{ id: string }> {
    const subnet = await this.subnet(`${region}b`)
    await atomically(this.api.store, async (tx) => {
      const key = `ec2/${region}/subnet/${subnet.id}`
      const record = await tx.get<object>(key)
      tx.put(key, { ...record, ipv6CidrBlock: 'fd00:1:2:3::/64' })
    })
    return subnet
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.api[Symbol.asyncDispose]()
  }
}

/** A client of one project, and the resources that most tests begin with. */
export class TestProject extends HuaweiClient {
  readonly id: string

  constructor(url: string, id: string) {
    super(url, { accessKeyId: 'test', secretAccessKey: 'test' }, id)
    this.id = id
  }

  balancer(subnet: { readonly id: string }, fields: object = {}): Promise<Answer> {
    return this.create('loadbalancers', 'loadbalancer', {
      availability_zone_list: ['us-west-2a'],
      vip_subnet_cidr_id: subnet.id,
      ip_target_enable: true,
      ...fields,
    })
  }

  listener(balancer: Answer, fields: object = {}): Promise<Answer> {
    return this.create('listeners', 'listener', {
      loadbalancer_id: balancer.id,
      protocol: 'HTTP',
      protocol_port: 80,
      ...fields,
    })
  }

  pool(fields: object = {}): Promise<Answer> {
    return this.create('pools', 'pool', {
      protocol: 'HTTP',
      lb_algorithm: 'ROUND_ROBIN',
      type: 'instance',
      ...fields,
    })
  }
}
