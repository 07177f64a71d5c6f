import { connect, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'

/**
 * A client that keeps one connection and sends GET requests on it one after the other, as fast as they are answered. It never connects
 * again: a connection that the other side closes is a failure that it reports.
 */
export class KeepAliveClient implements AsyncDisposable {
  readonly #socket: Socket
  readonly #closed = Promise.withResolvers<void>()
  #received = ''
  #stopping = false
  #answered = Promise.withResolvers<void>()
  requests = 0
  /** What went wrong, in words; empty while all is well. */
  readonly failures: string[] = []
  /** Bodies of answers, counted. */
  readonly answers = new Map<string, number>()

  /** @param tls with these, the client speaks HTTPS */
  constructor(host: string, port: number, tls?: ConnectionOptions) {
    const options = { host, port, noDelay: true }
    this.#socket = tls === undefined ? connect(options) : connectTls({ ...options, ...tls })
    this.#socket.setEncoding('latin1')
    this.#socket.once(tls === undefined ? 'connect' : 'secureConnect', () => this.#send())
    this.#socket.on('data', (text: string) => this.#receive(text))
    this.#socket.on('error', (error) => this.failures.push(error.message))
    this.#socket.once('close', () => {
      if (!this.#stopping) this.failures.push(`closed after ${this.requests} requests`)
      this.#answered.resolve()
      this.#closed.resolve()
    })
  }

  /** Resolves when the answer that is awaited now has come. */
  async next(): Promise<void> {
    await this.#answered.promise
  }

  /** Ends after the request in flight; what went wrong until then is in `failures`. */
  async stop(): Promise<void> {
    this.#stopping = true
    await this.#answered.promise
    this.#socket.destroy()
    await this.#closed.promise
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  #send(): void {
    this.#socket.write('GET / HTTP/1.1\r\nHost: test\r\n\r\n')
  }

  #receive(text: string): void {
    this.#received += text
    const headEnd = this.#received.indexOf('\r\n\r\n')
    const length = /^content-length: *(\d+)/im.exec(this.#received.slice(0, headEnd))
    if (headEnd === -1 || length === null) return
    const end = headEnd + 4 + Number(length[1])
    if (this.#received.length < end) return
    this.#complete(this.#received.slice(0, headEnd), this.#received.slice(headEnd + 4, end))
    this.#received = this.#received.slice(end)
  }

  #complete(head: string, body: string): void {
    this.requests += 1
    const status = head.slice(0, head.indexOf('\r\n'))
    if (!status.startsWith('HTTP/1.1 200 ')) this.failures.push(status)
    this.answers.set(body, (this.answers.get(body) ?? 0) + 1)
    this.#answered.resolve()
    if (this.#stopping) return
    this.#answered = Promise.withResolvers<void>()
    this.#send()
  }
}
