import { createServer, type Server } from 'node:http'

/** A little web server that says which instance it is: what a demo's load balancer sends its traffic to. */
export class SampleInstance {
  readonly id: string
  readonly zone: string
  readonly #address: string
  readonly #port: number
  #server: Server | undefined

  constructor(instance: { id: string; zone: string; address: string; port: number }) {
    this.id = instance.id
    this.zone = instance.zone
    this.#address = instance.address
    this.#port = instance.port
  }

  get running(): boolean {
    return this.#server !== undefined
  }

  async start(): Promise<void> {
    const server = createServer((request, response) => {
      response.setHeader('content-type', 'text/plain')
      response.setHeader('x-instance', this.id)
      response.end(`Hello from ${this.id} in ${this.zone}: ${request.method} request\n`)
    })
    // Longer than the load balancer's idle timeout, as the guide advises (page 14).
    server.keepAliveTimeout = 65_000
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(this.#port, this.#address, resolve)
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
}
