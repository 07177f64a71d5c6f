import { createServer, type RequestListener, type Server } from 'node:http'
import { RunInstancesCommand } from '@aws-sdk/client-ec2'
import {
  ConfigureHealthCheckCommand,
  CreateLoadBalancerCommand,
  DescribeLoadBalancersCommand,
  type Listener,
  type LoadBalancerAttributes,
  ModifyLoadBalancerAttributesCommand,
  RegisterInstancesWithLoadBalancerCommand,
  waitUntilInstanceInService,
} from '@aws-sdk/client-elastic-load-balancing'
import type { Weir } from './weir.ts'

/** The port that every instance of these tests serves on. */
export const instancePort = 8080

/** A declared instance and the web server that answers at its address with its id. */
export class Instance implements AsyncDisposable {
  readonly id: string
  readonly zone: string
  readonly address: string
  readonly #listener: RequestListener
  #server: Server | undefined

  private constructor(id: string, zone: string, address: string, listener?: RequestListener) {
    this.id = id
    this.zone = zone
    this.address = address
    this.#listener =
      listener ?? ((_, response) => response.setHeader('content-length', id.length).end(id))
  }

  static async declare(weir: Weir, zone: string, listener?: RequestListener): Promise<Instance> {
    const { Instances = [] } = await weir.ec2.send(
      new RunInstancesCommand({
        ImageId: 'ami-12345678',
        MinCount: 1,
        MaxCount: 1,
        Placement: { AvailabilityZone: zone },
      }),
    )
    const { InstanceId = '', PrivateIpAddress = '' } = Instances[0] ?? {}
    const instance = new Instance(InstanceId, zone, PrivateIpAddress, listener)
    await instance.start()
    return instance
  }

  async start(): Promise<void> {
    const server = createServer(this.#listener)
    server.keepAliveTimeout = 120_000
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(instancePort, this.address, resolve)
    })
    this.#server = server
  }

  async stop(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    if (server === undefined) return
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    server.closeAllConnections()
    await closed
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }
}

export const httpListener: Listener = {
  Protocol: 'HTTP',
  LoadBalancerPort: 8080,
  InstancePort: instancePort,
}

/** Creates a load balancer over the instances' zones, and waits until all instances are in service. */
export async function createLoadBalancer(
  weir: Weir,
  name: string,
  instances: readonly Instance[],
  listeners: Listener[] = [httpListener],
  attributes?: LoadBalancerAttributes,
): Promise<void> {
  const { elb } = weir
  await elb.send(
    new CreateLoadBalancerCommand({
      LoadBalancerName: name,
      Listeners: listeners,
      AvailabilityZones: [...new Set(instances.map(({ zone }) => zone))],
    }),
  )
  await elb.send(
    new ConfigureHealthCheckCommand({
      LoadBalancerName: name,
      HealthCheck: {
        Target: `TCP:${instancePort}`,
        Interval: 5,
        Timeout: 2,
        UnhealthyThreshold: 2,
        HealthyThreshold: 2,
      },
    }),
  )
  if (attributes !== undefined) {
    await elb.send(
      new ModifyLoadBalancerAttributesCommand({
        LoadBalancerName: name,
        LoadBalancerAttributes: attributes,
      }),
    )
  }
  await elb.send(
    new RegisterInstancesWithLoadBalancerCommand({
      LoadBalancerName: name,
      Instances: instances.map(({ id }) => ({ InstanceId: id })),
    }),
  )
  await inService(weir, name, instances)
}

export async function inService(
  weir: Weir,
  name: string,
  instances: readonly Instance[],
): Promise<void> {
  await waitUntilInstanceInService(
    { client: weir.elb, minDelay: 0.2, maxDelay: 0.2, maxWaitTime: 60 },
    { LoadBalancerName: name, Instances: instances.map(({ id }) => ({ InstanceId: id })) },
  )
}

/** Addresses of the load balancer's nodes, as its DNS name gives them. */
export async function nodeAddresses(weir: Weir, name: string): Promise<string[]> {
  const { LoadBalancerDescriptions = [] } = await weir.elb.send(
    new DescribeLoadBalancersCommand({ LoadBalancerNames: [name] }),
  )
  return weir.resolve(LoadBalancerDescriptions[0]?.DNSName ?? '')
}
