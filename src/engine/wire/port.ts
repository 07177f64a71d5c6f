/** One listening address. Engine threads share a port: the kernel spreads connections over them (SO_REUSEPORT). */
import net from 'node:net'
import { acceptWires } from './socket-wire.ts'
import type { ReadPath, Wire } from './wire.ts'

/** Connections that the kernel holds before they are accepted; it takes the smaller of this and net.core.somaxconn. */
const backlog = 4096

export class Port {
  readonly #server: net.Server
  readonly #readPath: ReadPath
  readonly #accept: (wire: Wire) => void

  constructor(readPath: ReadPath, accept: (wire: Wire) => void) {
    this.#readPath = readPath
    this.#accept = accept
    this.#server = net.createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true })
  }

  /** Resolves to null when the port is open, to the reason when it cannot be opened. */
  open(host: string, port: number, reusePort: boolean): Promise<string | null> {
    const { promise, resolve } = Promise.withResolvers<string | null>()
    const server = this.#server
    server.on('error', (error) => resolve(error.message))
    server.listen({ host, port, reusePort, backlog, ipv6Only: true }, () => {
      acceptWires(server, this.#readPath, this.#accept)
      resolve(null)
    })
    return promise
  }

  /** Stops accepting at once; accepted connections are not touched. */
  close(): void {
    this.#server.close()
  }
}
