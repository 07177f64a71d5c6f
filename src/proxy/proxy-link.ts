/** The proxy's end of the link to control: connects, and connects again whenever the link is lost. */
import { connect, type Socket } from 'node:net'
import type { FromProxy, ToProxy } from '../snapshot/messages.ts'
import { isSnapshot } from '../snapshot/snapshot.ts'
import type { Clock, Timer } from '../std/clock.ts'
import { encodeJsonLine, JsonLineReader } from '../std/json-lines.ts'
import type { Logger } from '../telemetry/logger.ts'

export interface ProxyLinkOptions {
  /** Path of control's Unix socket. */
  readonly path: string
  readonly clock: Clock
  readonly logger: Logger
  /** The link is up: say everything. */
  readonly onConnect: () => void
  readonly onMessage: (message: ToProxy) => void
}

/** Control on the same machine is back within moments, so there is no use in waiting longer and longer. */
const reconnectMs = 200

export class ProxyLink implements Disposable {
  readonly #options: ProxyLinkOptions
  #socket: Socket | undefined
  #timer: Timer | undefined
  #connected = false
  #closed = false

  constructor(options: ProxyLinkOptions) {
    this.#options = options
    this.#connect()
  }

  get connected(): boolean {
    return this.#connected
  }

  /** Lost when the link is down: everything is said again when it is up. */
  say(message: FromProxy): void {
    if (this.#connected) this.#socket?.write(encodeJsonLine(message))
  }

  [Symbol.dispose](): void {
    this.#closed = true
    this.#timer?.cancel()
    this.#socket?.destroy()
  }

  #connect(): void {
    const socket = connect({ path: this.#options.path })
    const reader = new JsonLineReader()
    this.#socket = socket
    socket.on('error', (error) => {
      this.#options.logger.debug({ err: error }, 'no link to control')
    })
    socket.once('connect', () => {
      this.#connected = true
      this.#options.onConnect()
    })
    socket.on('data', (chunk: Buffer) => {
      try {
        for (const message of reader.push(chunk)) this.#options.onMessage(toProxy(message))
      } catch (error) {
        this.#options.logger.error({ err: error }, 'control sent what is not of the protocol')
        socket.destroy()
      }
    })
    socket.once('close', () => this.#lost())
  }

  #lost(): void {
    if (this.#closed) return
    if (this.#connected) this.#options.logger.warn('lost the link to control; serving on')
    this.#connected = false
    this.#timer = this.#options.clock.after(reconnectMs, () => this.#connect())
  }
}

function toProxy(message: unknown): ToProxy {
  const told = (message ?? {}) as Partial<ToProxy>
  if (told.type === 'snapshot' && isSnapshot(told.snapshot)) return told as ToProxy
  if (told.type === 'figures-stored') return told as ToProxy
  throw new Error('neither a snapshot nor news of figures')
}
