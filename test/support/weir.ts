import { type ChildProcess, spawn } from 'node:child_process'
import { Resolver } from 'node:dns/promises'
import { once } from 'node:events'
import { ACMClient } from '@aws-sdk/client-acm'
import { EC2Client } from '@aws-sdk/client-ec2'
import { ElasticLoadBalancingClient } from '@aws-sdk/client-elastic-load-balancing'
import { IAMClient } from '@aws-sdk/client-iam'
import { S3 } from '@aws-sdk/client-s3'
import { childProcess } from './child-processes.ts'

export interface WeirOptions {
  /** Further command line options. */
  readonly args?: readonly string[]
  /** Tells systems of one test file apart: each has loopback addresses of its own. */
  readonly index?: number
  /** Further environment. */
  readonly env?: Readonly<Record<string, string>>
  /** false: data that stays, in the folder that `args` name. */
  readonly dev?: boolean
}

/** A whole Weir as users start it: `weir serve --dev` in a process of its own, on free ports and loopback addresses of its own. */
export class Weir implements AsyncDisposable {
  readonly process: ChildProcess
  readonly api: string
  readonly dns: string
  readonly region = 'us-west-2'
  readonly elb: ElasticLoadBalancingClient
  readonly ec2: EC2Client
  readonly iam: IAMClient
  readonly acm: ACMClient
  readonly s3: S3
  readonly output: () => string

  private constructor(child: ChildProcess, api: string, dns: string, output: () => string) {
    this.process = child
    this.api = api
    this.dns = dns
    this.output = output
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
    const client = { endpoint: api, region: this.region, credentials }
    this.elb = new ElasticLoadBalancingClient(client)
    this.ec2 = new EC2Client(client)
    this.iam = new IAMClient(client)
    this.acm = new ACMClient(client)
    this.s3 = new S3({ ...client, forcePathStyle: true })
  }

  static async start({
    args = [],
    index = 0,
    dev = true,
    env = {},
  }: WeirOptions = {}): Promise<Weir> {
    const octet = 20 + Number(process.env.VITEST_POOL_ID ?? 0) * 4 + index
    const child = spawn(
      process.execPath,
      [
        new URL('../../src/cli/main.ts', import.meta.url).pathname,
        'serve',
        ...(dev ? ['--dev'] : []),
        ...['--api', '127.0.0.1:0', '--dns', '127.0.0.1:0', '--log-level', 'warn'],
        ...['--default-vpc', `127.${octet}.0.0/16`, '--threads', '2'],
        ...args,
      ],
      { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } },
    )
    let output = ''
    const ready = Promise.withResolvers<RegExpExecArray>()
    const take = (chunk: Buffer) => {
      output += chunk.toString()
      const match = /^weir is ready: api (\S+), dns (\S+)$/m.exec(output)
      if (match !== null) ready.resolve(match)
    }
    child.stdout.on('data', take)
    child.stderr.on('data', take)
    child.once('exit', (code) => ready.reject(new Error(`weir ended with ${code}:\n${output}`)))
    const [, api = '', dns = ''] = await ready.promise
    return new Weir(child, api, dns, () => output)
  }

  /** IPv4 addresses of a name, asked of this system's DNS server. */
  resolve(name: string): Promise<string[]> {
    const resolver = new Resolver()
    resolver.setServers([this.dns])
    return resolver.resolve4(name)
  }

  /** What the AWS CLI needs in its environment to talk to this system. */
  get awsEnvironment(): Record<string, string> {
    return {
      AWS_ENDPOINT_URL: this.api,
      AWS_DEFAULT_REGION: this.region,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_PAGER: '',
    }
  }

  /** Ends it as a user does; resolves with its exit code. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      const exited = once(this.process, 'exit')
      this.process.kill(signal)
      await exited
    }
    return this.process.exitCode
  }

  /** Ends all three processes with SIGKILL, so that nothing can be tidied up. */
  async kill(): Promise<void> {
    const supervisor = this.process.pid ?? 0
    const children = [childProcess(supervisor, 'control'), childProcess(supervisor, 'proxy')]
    const stopped = this.stop('SIGKILL')
    for (const pid of children) if (pid !== undefined) process.kill(pid, 'SIGKILL')
    await stopped
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.elb.destroy()
    this.ec2.destroy()
    this.iam.destroy()
    this.acm.destroy()
    this.s3.destroy()
    await this.stop()
  }
}
