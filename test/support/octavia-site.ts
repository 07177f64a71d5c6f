/** Octavia's API with a whole system behind it. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { defaultSubnet } from '../guide/guide.ts'
import { OpenStackCli } from './openstack-cli.ts'
import { ask } from './web-client.ts'
import { Weir, type WeirOptions } from './weir.ts'

export class OctaviaSite implements AsyncDisposable {
  readonly weir: Weir
  readonly openstack: OpenStackCli
  readonly #running = new AsyncDisposableStack()
  /** Of the default VPC. */
  subnetId = ''

  private constructor(weir: Weir) {
    this.weir = this.#running.use(weir)
    this.openstack = new OpenStackCli(weir)
  }

  static async start(options: WeirOptions = {}): Promise<OctaviaSite> {
    return new OctaviaSite(await Weir.start(options))
  }

  /** Forgets all that was made. */
  async reset(): Promise<void> {
    await fetch(`${this.weir.api}/_weir/reset`, { method: 'POST' })
    this.subnetId = await defaultSubnet(this.weir, 'us-west-2a')
  }

  /** A member that answers with its name and one header that it got. @returns its port */
  async startMember(name: string, header = 'x-forwarded-port'): Promise<number> {
    const server = createServer(({ headers }, response) => {
      response.end(`${name} behind ${headers[header]}`)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    this.#running.defer(() => void server.close())
    return (server.address() as AddressInfo).port
  }

  /** Asks Octavia's API. @param path below `/v2/lbaas/` */
  ask(method: string, path: string, body?: object, project = 'a'.repeat(32)) {
    return this.send(method, `/v2/lbaas/${path}`, body, project)
  }

  /** Asks any of OpenStack's APIs. */
  async send(method: string, path: string, body?: object, project = 'a'.repeat(32)) {
    const answer = await fetch(`${this.weir.api}${path}`, {
      method,
      headers: { 'x-project-id': project },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const content = await answer.text()
    return { status: answer.status, body: content === '' ? null : JSON.parse(content) }
  }

  /** Makes a load balancer. @returns what is shown of it */
  async createLoadBalancer(name: string, fields: object = {}) {
    const loadbalancer = { name, vip_subnet_id: this.subnetId, ...fields }
    const { status, body } = await this.ask('POST', 'loadbalancers', { loadbalancer })
    if (status !== 201) throw new Error(`${status}: ${body.faultstring}`)
    return body.loadbalancer
  }

  /** What a client gets: the status of the answer, or why there is none. */
  async status(url: string, address: string): Promise<number | string | undefined> {
    return await ask(url, address).then(
      (answer) => answer.status,
      (error: NodeJS.ErrnoException) => error.code,
    )
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#running.disposeAsync()
  }
}
