/** One listening address. Engine threads share a port: the kernel spreads connections over them (SO_REUSEPORT). */
import net from 'node:net'

/** Connections that the kernel holds before they are accepted; it takes the smaller of this and net.core.somaxconn. */
const backlog = 4096

export class Port {
  readonly #server: net.Server

  /** @param accept gets sockets that are not being read yet */
  constructor(accept: (socket: net.Socket) => void) {
    const options = { allowHalfOpen: true, pauseOnConnect: true, noDelay: true }
    this.#server = net.createServer(options, accept)
  }

  /** Resolves to null when the port is open, to the reason when it cannot be opened. */
  open(host: string, port: number, reusePort: boolean): Promise<string | null> {
    const { promise, resolve } = Promise.withResolvers<string | null>()
    const failed = (error: Error) => resolve(error.message)
    this.#server.on('error', failed)
    this.#server.listen({ host, port, reusePort, backlog, ipv6Only: true }, () => resolve(null))
    return promise
  }

  /** Stops accepting at once; accepted connections are not touched. */
  close(): void {
    this.#server.close()
  }
}
