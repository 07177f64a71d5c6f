/** Sends requests to a load balancer by its DNS name, and counts who answered. */
import { Resolver } from 'node:dns/promises'
import { Agent, get } from 'node:http'

export interface Split {
  /** Answers by instance id. */
  readonly answers: ReadonlyMap<string, number>
  /** Requests that no instance answered. */
  readonly failed: number
}

export class Traffic implements Disposable {
  readonly #resolver = new Resolver()
  readonly #agent = new Agent({ keepAlive: true })
  readonly #name: string
  readonly #port: number

  constructor(dnsServer: string, name: string, port: number) {
    this.#resolver.setServers([dnsServer])
    this.#name = name
    this.#port = port
  }

  addresses(): Promise<string[]> {
    return this.#resolver.resolve4(this.#name)
  }

  /** One round: `count` requests, spread over the addresses that the name has now. */
  async send(count: number): Promise<Split> {
    const addresses = await this.addresses()
    const requests = Array.from({ length: count }, (_, i) =>
      this.#request(addresses[i % addresses.length] ?? ''),
    )
    const answers = new Map<string, number>()
    let failed = 0
    for (const instance of await Promise.all(requests)) {
      if (instance === undefined) failed += 1
      else answers.set(instance, (answers.get(instance) ?? 0) + 1)
    }
    return { answers, failed }
  }

  [Symbol.dispose](): void {
    this.#agent.destroy()
    this.#resolver.cancel()
  }

  /** The id of the instance that answered. */
  #request(host: string): Promise<string | undefined> {
    return new Promise((resolve) => {
      const request = get({ host, port: this.#port, agent: this.#agent }, (response) => {
        response.resume()
        const instance = response.headers['x-instance']
        response.once('close', () => resolve(typeof instance === 'string' ? instance : undefined))
      })
      request.once('error', () => resolve(undefined))
    })
  }
}
