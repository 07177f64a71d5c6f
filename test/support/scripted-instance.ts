import type { Socket } from 'node:net'
import { RawInstance } from './raw-instance.ts'

/** Bodies that answers of that status have; others have none. */
const body = 'ok'

/**
 * An instance that does what the first part of a request's path says: a status answers with it, and
 * `close` closes without an answer, `garbage` answers what is not HTTP, `broken` resets in the middle of a body, `upgrade` changes the protocol,
 * `hold` says nothing until the connection is closed or {@link release} is called.
 */
export class ScriptedInstance implements AsyncDisposable {
  /** Requests to `hold` that it has got. */
  held = 0
  readonly #waiting = new Set<Socket>()
  #holding = true
  #server: RawInstance | undefined

  static async listen(host: string, port: number): Promise<ScriptedInstance> {
    const instance = new ScriptedInstance()
    instance.#server = await RawInstance.listen((socket) => instance.#serve(socket), { host, port })
    return instance
  }

  /** Answers what it holds, and what comes from now on. */
  release(): void {
    this.#holding = false
    for (const socket of this.#waiting) socket.write(answers['200'] as string)
    this.#waiting.clear()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server?.[Symbol.asyncDispose]()
  }

  /** A load balancer has one request at a time on a connection, and these are small enough to come in one piece. */
  #serve(socket: Socket): void {
    socket.setNoDelay(true)
    socket.on('close', () => this.#waiting.delete(socket))
    socket.on('data', (bytes: Buffer) => {
      const start = bytes.indexOf('/') + 1
      const kind = bytes.toString('latin1', start, bytes.indexOf('/', start))
      const answer = answers[kind]
      if (answer !== undefined) socket.write(answer)
      else this.#misbehave(socket, kind)
    })
  }

  #misbehave(socket: Socket, kind: string): void {
    if (kind === 'close') socket.end()
    else if (kind === 'broken') this.#break(socket)
    else if (kind === 'hold') this.#hold(socket)
    else throw new Error(`no such kind: ${kind}`)
  }

  #break(socket: Socket): void {
    const half = 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf'
    socket.write(half, () => setImmediate(() => socket.resetAndDestroy()))
  }

  #hold(socket: Socket): void {
    this.held += 1
    if (this.#holding) this.#waiting.add(socket)
    else socket.write(answers['200'] as string)
  }
}

const statuses = [200, 201, 204, 301, 304, 404, 410, 500, 503]

const answers: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    statuses.map((status) => {
      const framing = status === 204 || status === 304 ? '' : `Content-Length: ${body.length}\r\n`
      const text = framing === '' ? '' : body
      return [`${status}`, `HTTP/1.1 ${status} Said\r\n${framing}\r\n${text}`]
    }),
  ),
  garbage: 'I am not HTTP\r\n\r\n',
  upgrade: 'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n',
}
