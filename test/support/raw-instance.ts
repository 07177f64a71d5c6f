import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'

/** An instance that speaks raw bytes, on a port of its own. */
export class RawInstance implements AsyncDisposable {
  readonly port: number
  readonly #server: Server
  readonly #open: Set<Socket>

  /** @param serve gets every connection; errors of it are taken care of */
  static async listen(
    serve: (socket: Socket) => void,
    address: { host?: string; port?: number } = {},
  ): Promise<RawInstance> {
    const open = new Set<Socket>()
    const server = createServer((socket) => {
      open.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => open.delete(socket))
      serve(socket)
    })
    server.listen({ host: '127.0.0.1', port: 0, backlog: 4096, ...address })
    await once(server, 'listening')
    return new RawInstance(server, open)
  }

  private constructor(server: Server, open: Set<Socket>) {
    this.#server = server
    this.#open = open
    this.port = (server.address() as { port: number }).port
  }

  /** Connections that are open now. */
  get connections(): number {
    return this.#open.size
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#open) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }
}

/** Serves one answer to each request, then does `then` with the connection (by default it stays open). */
export function answering(
  bytes: string,
  then: (socket: Socket) => void = () => undefined,
): (socket: Socket) => void {
  return (socket) => {
    socket.once('data', () => socket.write(bytes, 'latin1', () => then(socket)))
  }
}
