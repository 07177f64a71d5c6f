import type { TargetTls } from '../snapshot/snapshot.ts'
import { avoidance, maxIdle } from './attempts.ts'
import type { EngineContext } from './context.ts'
import { endpointText } from './endpoint.ts'
import { type ResponseReceiver, TargetConnection } from './http1/target-connection.ts'
import { Spares } from './spares.ts'
import { TargetSecurity } from './tls/target-security.ts'

/** An address that traffic goes to in one way, whichever pools name it, with the connections that wait there. Outlives snapshots. */
export class Target {
  readonly host: string
  readonly port: number
  /** As logs have it. */
  readonly endpoint: string
  /** null: it is spoken to plainly. */
  readonly security: TargetSecurity | null
  readonly #context: EngineContext
  /** Least recently used first: the one used last is the least likely to be closed by now. */
  #idle: TargetConnection[] = []
  readonly #spares: Spares
  #usable = false
  #avoidedUntil = 0

  constructor(host: string, port: number, tls: TargetTls | undefined, context: EngineContext) {
    this.host = host
    this.port = port
    this.endpoint = endpointText(host, port)
    this.security = tls === undefined ? null : new TargetSecurity(tls)
    this.#context = context
    this.#spares = new Spares(this, context)
  }

  /** How many connections wait here. */
  get idle(): number {
    return this.#idle.length
  }

  /** Whether any pool sends traffic here. */
  get usable(): boolean {
    return this.#usable
  }

  set usable(usable: boolean) {
    this.#usable = usable
    if (usable) return
    this.#spares.want(0)
    for (const connection of this.#idle.splice(0)) connection.destroy()
  }

  /** How many connections are to wait here, ahead of requests, while it is usable. */
  set spares(wanted: number) {
    this.#spares.want(this.#usable ? wanted : 0)
  }

  /** It could not be connected to lately, and nothing has shown since that it can. */
  get avoided(): boolean {
    return this.#avoidedUntil > this.#context.wheel.now
  }

  unreachable(): void {
    this.#avoidedUntil = this.#context.wheel.now + avoidance
  }

  /** A connection stands, or its health says that it can be used. */
  reachable(): void {
    this.#avoidedUntil = 0
  }

  /** An idle connection if there is one, else one that is being made, in so many milliseconds. */
  acquire(receiver: ResponseReceiver, connectTimeout: number): TargetConnection {
    const idle = this.#idle.pop()
    if (idle === undefined) return this.connect(receiver, connectTimeout)
    if (idle.unused) this.#spares.spent(true)
    this.#spares.lookSoon()
    idle.reuse(receiver)
    return idle
  }

  connect(receiver: ResponseReceiver, connectTimeout?: number): TargetConnection {
    return new TargetConnection(this, this.#context, receiver, connectTimeout)
  }

  /** Takes back a connection on which nothing is in flight. */
  release(connection: TargetConnection): void {
    if (this.#usable && this.#idle.length < maxIdle) this.#idle.push(connection)
    else connection.destroy()
  }

  /** A pooled connection is closing, `expired` or for another reason: it must not be used again. */
  forget(connection: TargetConnection, expired: boolean): void {
    const index = this.#idle.lastIndexOf(connection)
    if (index < 0) return
    this.#idle.splice(index, 1)
    if (connection.unused) this.#spares.spent(expired)
    this.#spares.lookSoon()
  }
}
