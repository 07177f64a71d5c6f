/** Control's end of the link to the proxies: hands out the newest snapshot and takes status back. */
import { createServer, type Server, type Socket } from 'node:net'
import type { FiguresBatch } from '../../snapshot/figures.ts'
import { type FromProxy, protocolVersion } from '../../snapshot/messages.ts'
import type { Snapshot } from '../../snapshot/snapshot.ts'
import { encodeJsonLine, JsonLineReader } from '../../std/json-lines.ts'
import { listenOnUnixSocket } from '../../std/unix-socket.ts'
import type { Logger } from '../../telemetry/logger.ts'
import type { ProxyStatus, StatusBoard } from '../status-board.ts'

export interface ControlLinkOptions {
  /** Path of the Unix socket; only its owner may connect. */
  readonly path: string
  readonly board: StatusBoard
  /** Keeps what nodes have counted, durably when it resolves; the same batch may come again. When it rejects, it is asked again later. */
  readonly keepFigures: (batch: FiguresBatch) => Promise<void>
  readonly logger: Logger
}

export class ControlLink implements AsyncDisposable {
  readonly #options: ControlLinkOptions
  readonly #server: Server
  readonly #proxies = new Set<ProxyConnection>()
  #snapshotLine: string | undefined

  private constructor(options: ControlLinkOptions) {
    this.#options = options
    this.#server = createServer((socket) => this.#accept(socket))
  }

  static async open(options: ControlLinkOptions): Promise<ControlLink> {
    const link = new ControlLink(options)
    // The store's lock says that we are alone.
    await listenOnUnixSocket(link.#server, options.path)
    return link
  }

  /** Sends the snapshot to every proxy, now and when one connects. */
  publish(snapshot: Snapshot): void {
    this.#snapshotLine = encodeJsonLine({ type: 'snapshot', snapshot })
    for (const proxy of this.#proxies) proxy.send(this.#snapshotLine)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    for (const proxy of this.#proxies) proxy.destroy()
    await closed
  }

  #accept(socket: Socket): void {
    const proxy = new ProxyConnection(socket, this.#options)
    this.#proxies.add(proxy)
    socket.once('close', () => this.#proxies.delete(proxy))
    if (this.#snapshotLine !== undefined) proxy.send(this.#snapshotLine)
  }
}

/** A slow proxy must not grow our memory: while its socket is full only the newest snapshot waits. */
class ProxyConnection {
  readonly #socket: Socket
  readonly #board: StatusBoard
  readonly #keepFigures: ControlLinkOptions['keepFigures']
  readonly #logger: Logger
  readonly #reader = new JsonLineReader()
  #proxy: { readonly id: string; readonly status: ProxyStatus } | undefined
  #waiting: string | undefined
  #full = false

  constructor(socket: Socket, options: ControlLinkOptions) {
    this.#socket = socket
    this.#board = options.board
    this.#keepFigures = options.keepFigures
    this.#logger = options.logger
    socket.on('error', (error) => this.#logger.warn({ err: error }, 'proxy link failed'))
    socket.on('data', (chunk: Buffer) => this.#receive(chunk))
    socket.on('drain', () => this.#drained())
    socket.once('close', () => this.#closed())
  }

  /** Nothing goes to who has not said that it is a proxy and speaks our protocol. */
  send(line: string): void {
    if (this.#full || this.#proxy === undefined) this.#waiting = line
    else this.#full = !this.#socket.write(line)
  }

  destroy(): void {
    this.#socket.destroy()
  }

  #drained(): void {
    this.#full = false
    const line = this.#waiting
    this.#waiting = undefined
    if (line !== undefined) this.send(line)
  }

  #closed(): void {
    if (this.#proxy === undefined) return
    this.#board.close(this.#proxy.id, this.#proxy.status)
    this.#logger.warn({ proxy: this.#proxy.id }, 'proxy disconnected')
  }

  #receive(chunk: Buffer): void {
    try {
      for (const message of this.#reader.push(chunk)) this.#take(message as FromProxy)
    } catch (error) {
      this.#logger.error({ err: error }, 'proxy sent what is not of the protocol')
      this.#socket.destroy()
    }
  }

  #take(message: FromProxy): void {
    if (message.type === 'hello') this.#hello(message.proxy, message.protocol)
    else if (this.#proxy === undefined) throw new Error(`${message.type} came before hello`)
    else this.#note(this.#proxy.status, message)
  }

  #note(status: ProxyStatus, message: Exclude<FromProxy, { type: 'hello' }>): void {
    switch (message.type) {
      case 'applied':
        this.#board.applied(status, message.revision, message.failures)
        for (const failure of message.failures) {
          this.#logger.error(failure, 'a listener could not be opened')
        }
        break
      case 'health':
        if (message.all) status.health.clear()
        for (const health of message.health) status.health.set(health.check, health)
        break
      case 'finished':
        status.finished = new Set(message.targets)
        break
      case 'counters':
        status.counters = message.counters
        status.lostLogEntries = message.lostLogEntries
        status.lostFigures = message.lostFigures
        break
      case 'figures':
        void this.#keep(message.batch)
        break
      default:
        throw new Error('unknown message')
    }
  }

  async #keep(batch: FiguresBatch): Promise<void> {
    const { source, sequence } = batch
    try {
      await this.#keepFigures(batch)
    } catch (error) {
      this.#logger.error({ err: error, source, sequence }, 'figures could not be stored')
      return
    }
    // One small answer to each message of a proxy cannot fill the socket.
    this.#socket.write(encodeJsonLine({ type: 'figures-stored', source, sequence }))
  }

  #hello(id: string, protocol: number): void {
    if (this.#proxy !== undefined) throw new Error('hello came twice')
    if (protocol !== protocolVersion) {
      throw new Error(`proxy ${id} speaks protocol ${protocol}, control speaks ${protocolVersion}`)
    }
    this.#proxy = { id, status: this.#board.open(id) }
    this.#logger.info({ proxy: id }, 'proxy connected')
    this.#drained()
  }
}
