/** A load balancer of Huawei Cloud's API with a whole system behind it: one HTTPS listener, one pool, and members that say who they are. */
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { DescribeSubnetsCommand } from '@aws-sdk/client-ec2'
import { CertificateAuthority, type ServerCertificateOptions } from './certificate-authority.ts'
import { type Answer, HuaweiClient } from './huawei.ts'
import { ask, type WebAnswer } from './web-client.ts'
import type { Weir } from './weir.ts'

export const httpsPort = 8443

/** A web server at 127.0.0.1 that answers with its name, and remembers what it was asked. */
export class Backend implements AsyncDisposable {
  readonly name: string
  readonly requests: IncomingMessage[] = []
  readonly #server: Server
  /** How it answers from now on. */
  answer: RequestListener = (_, response) => response.end(this.name)

  constructor(name: string) {
    this.name = name
    this.#server = createServer((request, response) => {
      this.requests.push(request)
      this.answer(request, response)
    })
  }

  static async start(name: string): Promise<Backend> {
    const backend = new Backend(name)
    await new Promise<void>((resolve) => backend.#server.listen(0, '127.0.0.1', resolve))
    return backend
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close()
    this.#server.closeAllConnections()
  }
}

export class HuaweiSite {
  readonly huawei: HuaweiClient
  readonly root: CertificateAuthority
  readonly balancer: Answer
  listener: Answer
  readonly pool: Answer

  private constructor(
    huawei: HuaweiClient,
    root: CertificateAuthority,
    parts: { balancer: Answer; listener: Answer; pool: Answer },
  ) {
    this.huawei = huawei
    this.root = root
    this.balancer = parts.balancer
    this.listener = parts.listener
    this.pool = parts.pool
  }

  static async create(weir: Weir): Promise<HuaweiSite> {
    const huawei = new HuaweiClient(weir.api)
    const root = await CertificateAuthority.create()
    const { Subnets = [] } = await weir.ec2.send(new DescribeSubnetsCommand({}))
    const subnet = Subnets.find(({ AvailabilityZone }) => AvailabilityZone === 'us-west-2a')
    const balancer = await huawei.create('loadbalancers', 'loadbalancer', {
      availability_zone_list: ['us-west-2a'],
      vip_subnet_cidr_id: subnet?.SubnetId,
      ip_target_enable: true,
      publicip: { network_type: '5_bgp', bandwidth: { share_type: 'PER' } },
    })
    const { id } = await storeCertificate(huawei, root, {})
    const listener = await huawei.create('listeners', 'listener', {
      loadbalancer_id: balancer.id,
      protocol: 'HTTPS',
      protocol_port: httpsPort,
      default_tls_container_ref: id,
    })
    const pool = await huawei.create('pools', 'pool', {
      listener_id: listener.id,
      protocol: 'HTTP',
      lb_algorithm: 'ROUND_ROBIN',
    })
    return new HuaweiSite(huawei, root, { balancer, listener, pool })
  }

  get address(): string {
    return this.balancer.vip_address
  }

  /** @returns the id of a server certificate that the root signs */
  async certificate(options: CertificateOptions = {}): Promise<string> {
    return (await storeCertificate(this.huawei, this.root, options)).id
  }

  async add(backend: Backend, fields: object = {}): Promise<Answer> {
    return this.huawei.create(`pools/${this.pool.id}/members`, 'member', {
      address: '127.0.0.1',
      protocol_port: backend.port,
      ...fields,
    })
  }

  async set(listener: object): Promise<void> {
    await this.huawei.put(`listeners/${this.listener.id}`, { listener })
  }

  async setPool(pool: object): Promise<void> {
    await this.huawei.put(`pools/${this.pool.id}`, { pool })
  }

  get(path = '/', options: Parameters<typeof ask>[2] = {}): Promise<WebAnswer> {
    const url = `https://www.example.com:${httpsPort}${path}`
    return ask(url, this.address, { ca: this.root.certificate, ...options })
  }

  /** Removes the members that tests have added, and sets the listener and the pool back. */
  async reset(): Promise<void> {
    const { members } = await this.huawei.get(`pools/${this.pool.id}/members`)
    for (const { id } of members) await this.huawei.delete(`pools/${this.pool.id}/members/${id}`)
    const { listener, pool } = this
    const { name, http2_enable, insert_headers, keepalive_timeout, client_timeout } = listener
    await this.set({
      name,
      http2_enable,
      insert_headers,
      keepalive_timeout,
      client_timeout,
      member_timeout: listener.member_timeout,
      tls_ciphers_policy: listener.tls_ciphers_policy,
      default_tls_container_ref: listener.default_tls_container_ref,
      sni_match_algo: listener.sni_match_algo,
      sni_container_refs: [],
      client_ca_tls_container_ref: null,
      security_policy_id: null,
      ipgroup: null,
    })
    await this.setPool({ lb_algorithm: pool.lb_algorithm, session_persistence: null })
  }
}

interface CertificateOptions extends ServerCertificateOptions {
  /** The names that it is found by, separated by commas; absent: all that it is for. */
  readonly domain?: string
}

async function storeCertificate(
  huawei: HuaweiClient,
  root: CertificateAuthority,
  options: CertificateOptions,
): Promise<Answer> {
  const { names = ['www.example.com'], domain = names.join(',') } = options
  const { certificate, privateKey } = await root.server(options)
  return huawei.create('certificates', 'certificate', {
    certificate,
    private_key: privateKey,
    domain,
  })
}
