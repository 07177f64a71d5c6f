/**
 * A program: connections of TLS 1.3 one after the other, several at a time, that end when the handshake is over.
 * Arguments: host, port, connections at a time, seconds, and `full` or `resumed`. Prints {@link Handshakes} as JSON.
 */
import { connect, createSecureContext, type SecureContext } from 'node:tls'

export interface Handshakes {
  readonly count: number
  readonly seconds: number
  /** What others failed with, each once, and whether those that are counted were what they should be. */
  readonly errors: readonly string[]
}

interface Goal {
  readonly host: string
  readonly port: number
  /** performance.now() then. */
  readonly end: number
  readonly resumed: boolean
}

class Client {
  count = 0
  readonly errors = new Set<string>()
  readonly #goal: Goal
  readonly #context: SecureContext
  #session: Buffer | undefined

  constructor(goal: Goal) {
    this.#goal = goal
    // One that every OpenSSL has: newer ones would agree on more than older ones can.
    this.#context = createSecureContext({ minVersion: 'TLSv1.3', ecdhCurve: 'X25519' })
  }

  async run(): Promise<void> {
    while (performance.now() < this.#goal.end) await this.#handshake()
  }

  #handshake(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const { host, port, resumed } = this.#goal
    // The first ones have none to go on with.
    const session = resumed ? this.#session : undefined
    const socket = connect({
      host,
      port,
      secureContext: this.#context,
      rejectUnauthorized: false,
      ...(session === undefined ? {} : { session }),
    })
    socket.once('secureConnect', () => {
      if (socket.isSessionReused() !== (session !== undefined)) this.errors.add(`not ${kind}`)
      this.count += 1
      socket.end()
    })
    socket.on('session', (next) => {
      this.#session = next
    })
    socket.on('error', ({ message }) => this.errors.add(message))
    socket.once('close', () => resolve())
    socket.resume()
    return promise
  }
}

const [host = '', port, connections, seconds, kind] = process.argv.slice(2)
const started = performance.now()
const end = started + Number(seconds) * 1000
const client = new Client({ host, port: Number(port), end, resumed: kind === 'resumed' })
await Promise.all(Array.from({ length: Number(connections) }, () => client.run()))
const outcome: Handshakes = {
  count: client.count,
  seconds: (performance.now() - started) / 1000,
  errors: [...client.errors],
}
console.log(JSON.stringify(outcome))
