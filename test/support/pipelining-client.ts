import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** A client that sends requests without waiting for answers, so many at a time, and counts the statuses that it gets. */
export class PipeliningClient {
  readonly statuses = new Map<number, number>()
  readonly #socket: Socket
  #received = ''
  #awaited = 0
  #turn = Promise.withResolvers<void>()

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setEncoding('latin1').setNoDelay(true)
    socket.on('data', (text: string) => this.#receive(text))
    socket.on('error', (error) => this.#turn.reject(error))
    socket.on('close', () => this.#turn.reject(new Error('closed before all answers')))
  }

  static async connect(host: string, port: number): Promise<PipeliningClient> {
    const socket = connect({ host, port })
    await once(socket, 'connect')
    return new PipeliningClient(socket)
  }

  /** Resolves when all are answered. @param requests whole, without bodies */
  async send(requests: readonly string[]): Promise<void> {
    this.#turn = Promise.withResolvers()
    this.#awaited = requests.length
    this.#socket.write(requests.join(''), 'latin1')
    await this.#turn.promise
  }

  async close(): Promise<void> {
    this.#socket.end()
    await once(this.#socket, 'close')
  }

  #receive(text: string): void {
    this.#received += text
    let start = 0
    for (;;) {
      const headEnd = this.#received.indexOf('\r\n\r\n', start)
      if (headEnd < 0) break
      const head = this.#received.slice(start, headEnd)
      const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? '0'
      const end = headEnd + 4 + Number(length)
      if (end > this.#received.length) break
      const status = Number(head.slice('HTTP/1.1 '.length, 'HTTP/1.1 200'.length))
      this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1)
      this.#awaited -= 1
      start = end
    }
    this.#received = this.#received.slice(start)
    if (this.#awaited === 0) this.#turn.resolve()
  }
}
