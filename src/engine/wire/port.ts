/** One listening address. Engine threads share a port: the kernel spreads connections over them (SO_REUSEPORT). */
import net from 'node:net'
import type { Wire, WireKind } from './wire.ts'
import { acceptWires } from './wires.ts'

/** Connections that the kernel holds before they are accepted; it takes the smaller of this and net.core.somaxconn. */
const backlog = 4096

export class Port {
  readonly #server: net.Server
  readonly #wireKind: WireKind
  readonly #accept: (wire: Wire) => void

  constructor(wireKind: WireKind, accept: (wire: Wire) => void) {
    this.#wireKind = wireKind
    this.#accept = accept
    this.#server = net.createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true })
  }

  /** Resolves to null when the port is open, to the reason when it cannot be opened. */
  open(host: string, port: number, reusePort: boolean): Promise<string | null> {
    const { promise, resolve } = Promise.withResolvers<string | null>()
    const server = this.#server
    server.on('error', (error) => resolve(error.message))
    server.listen({ host, port, reusePort, backlog, ipv6Only: true }, () => {
      acceptWires(server, this.#wireKind, this.#accept)
      resolve(null)
    })
    return promise
  }

  /** Stops accepting at once; accepted connections are not touched. */
  close(): void {
    this.#server.close()
  }
}
