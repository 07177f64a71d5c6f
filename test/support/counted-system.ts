/** Load balancers of which every kind of request can be had, with access logs, on a Weir whose data outlives it. */
import { mkdtempSync, rmSync } from 'node:fs'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  ConfigureHealthCheckCommand,
  CreateLoadBalancerCommand,
  type Listener,
  ModifyLoadBalancerAttributesCommand,
  RegisterInstancesWithLoadBalancerCommand,
} from '@aws-sdk/client-elastic-load-balancing'
import { createLogBucketOf } from './buckets.ts'
import { RawInstance } from './raw-instance.ts'
import { ScriptedInstance } from './scripted-instance.ts'
import { Instance, inService, nodeAddresses } from './system.ts'
import { Weir } from './weir.ts'

export const httpPort = 8080
export const tcpPort = 9090
const echoPort = 8081
const checkPort = 8082

const listeners: Listener[] = [
  { Protocol: 'HTTP', LoadBalancerPort: httpPort, InstancePort: httpPort },
  { Protocol: 'TCP', LoadBalancerPort: tcpPort, InstancePort: echoPort },
]

export class CountedSystem implements AsyncDisposable {
  readonly weir: Weir
  readonly data: string
  /** By load balancer. */
  readonly nodes = new Map<string, readonly string[]>()
  readonly instances = new Map<string, ScriptedInstance[]>()
  /** TCP connections that the instance of `narrow` holds. */
  readonly #held = new Set<Socket>()
  #holding = true
  readonly #stack: AsyncDisposableStack

  private constructor(weir: Weir, data: string, stack: AsyncDisposableStack) {
    this.weir = weir
    this.data = data
    this.#stack = stack
  }

  /**
   * `web` has two instances in one zone and one in another; `narrow` one that may have one request at a time; `refusing` one that is healthy and refuses
   * connections; `empty` has none.
   */
  static async start(): Promise<CountedSystem> {
    await using stack = new AsyncDisposableStack()
    const folder = mkdtempSync(join(tmpdir(), 'weir-counted-'))
    stack.defer(() => rmSync(folder, { recursive: true }))
    const data = join(folder, 'data')
    const args = ['--auth', 'none', '--data', data]
    const weir = stack.use(await Weir.start({ dev: false, args }))
    await createLogBucketOf(weir, 'my-logs')
    const system = new CountedSystem(weir, data, stack.move())
    await system.#create('web', ['us-west-2a', 'us-west-2a', 'us-west-2b'])
    await system.#create('narrow', ['us-west-2a'])
    await system.#create('refusing', ['us-west-2a'])
    await system.#create('empty', [])
    return system
  }

  node(loadBalancer: string, index = 0): string {
    const nodes = this.nodes.get(loadBalancer) ?? []
    return nodes[index % nodes.length] as string
  }

  /** Sum of a counter for Prometheus. */
  async counter(name: string): Promise<number> {
    const text = await (await fetch(`${this.weir.api}/metrics`)).text()
    const values = [...text.matchAll(new RegExp(`^${name}(?:\\{.*\\})? (\\d+)$`, 'gm'))]
    return values.reduce((sum, [, value]) => sum + Number(value), 0)
  }

  /** TCP connections that instances hold. */
  get heldConnections(): number {
    return this.#held.size
  }

  /** They are answered, and those that come from now on. */
  releaseConnections(): void {
    this.#holding = false
    for (const socket of this.#held) socket.end('hello')
    this.#held.clear()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync()
  }

  async #create(name: string, zones: readonly string[]): Promise<void> {
    const { elb } = this.weir
    const instances: Instance[] = []
    for (const zone of zones) instances.push(await this.#declare(name, zone))
    await elb.send(
      new CreateLoadBalancerCommand({
        LoadBalancerName: name,
        Listeners: listeners,
        AvailabilityZones: [...new Set(['us-west-2a', ...zones])],
      }),
    )
    await this.#configure(name)
    await elb.send(
      new ModifyLoadBalancerAttributesCommand({
        LoadBalancerName: name,
        LoadBalancerAttributes: {
          AccessLog: { Enabled: true, S3BucketName: 'my-logs', EmitInterval: 60 },
          // Clients wait on a slow machine.
          ConnectionSettings: { IdleTimeout: 3600 },
          AdditionalAttributes:
            name === 'narrow' ? [{ Key: 'weir.maxConnectionsPerInstance', Value: '1' }] : [],
        },
      }),
    )
    if (instances.length > 0) {
      const ids = instances.map(({ id }) => ({ InstanceId: id }))
      await elb.send(
        new RegisterInstancesWithLoadBalancerCommand({ LoadBalancerName: name, Instances: ids }),
      )
      await inService(this.weir, name, instances)
    }
    this.nodes.set(name, await nodeAddresses(this.weir, name))
  }

  async #configure(name: string): Promise<void> {
    const port = name === 'refusing' ? checkPort : httpPort
    await this.weir.elb.send(
      new ConfigureHealthCheckCommand({
        LoadBalancerName: name,
        HealthCheck: {
          Target: `TCP:${port}`,
          Interval: 5,
          Timeout: 4,
          UnhealthyThreshold: 10,
          HealthyThreshold: 2,
        },
      }),
    )
  }

  async #declare(name: string, zone: string): Promise<Instance> {
    const instance = await Instance.declare(this.weir, zone)
    await instance.stop()
    const { address: host } = instance
    if (name === 'refusing') {
      this.#stack.use(await RawInstance.listen(() => {}, { host, port: checkPort }))
      return instance
    }
    const scripted = this.#stack.use(await ScriptedInstance.listen(host, httpPort))
    this.instances.set(name, [...(this.instances.get(name) ?? []), scripted])
    const serve = name === 'narrow' ? this.#hold : echo
    this.#stack.use(await RawInstance.listen(serve, { host, port: echoPort }))
    return instance
  }

  /** Says nothing until {@link releaseConnections}. */
  readonly #hold = (socket: Socket) => {
    if (this.#holding) this.#held.add(socket)
    else socket.end('hello')
  }
}

function echo(socket: Socket): void {
  socket.on('data', (bytes: Buffer) => socket.write(bytes))
  socket.on('end', () => socket.end())
}
