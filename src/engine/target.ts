import { avoidance, maxIdle } from './attempts.ts'
import type { EngineContext } from './context.ts'
import { type ResponseReceiver, TargetConnection } from './http1/target-connection.ts'

/** An address that traffic goes to, whichever pools name it, with the connections that wait there. Outlives snapshots. */
export class Target {
  readonly host: string
  readonly port: number
  readonly #context: EngineContext
  /** Least recently used first: the one used last is the least likely to be closed by now. */
  #idle: TargetConnection[] = []
  #usable = false
  #avoidedUntil = 0

  constructor(host: string, port: number, context: EngineContext) {
    this.host = host
    this.port = port
    this.#context = context
  }

  /** Whether any pool sends traffic here. */
  get usable(): boolean {
    return this.#usable
  }

  set usable(usable: boolean) {
    this.#usable = usable
    if (usable) return
    for (const connection of this.#idle.splice(0)) connection.destroy()
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

  /** An idle connection if there is one, else one that is being made. */
  acquire(receiver: ResponseReceiver): TargetConnection {
    const idle = this.#idle.pop()
    if (idle === undefined) return this.connect(receiver)
    idle.reuse(receiver)
    return idle
  }

  connect(receiver: ResponseReceiver): TargetConnection {
    return new TargetConnection(this, this.#context, receiver)
  }

  /** Takes back a connection on which nothing is in flight. */
  release(connection: TargetConnection): void {
    if (this.#usable && this.#idle.length < maxIdle) this.#idle.push(connection)
    else connection.destroy()
  }

  /** A pooled connection is closing: it must not be used again. */
  forget(connection: TargetConnection): void {
    const index = this.#idle.lastIndexOf(connection)
    if (index >= 0) this.#idle.splice(index, 1)
  }
}
