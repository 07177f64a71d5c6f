/** Keep-alive connections of this process's own that had one request and wait for their next. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import tls from 'node:tls'
import type { Endpoint } from './configs.ts'
import { usualHeaders } from './scenarios.ts'

/** Opened at a time: fewer than any listen queue holds. */
const batch = 100
const patienceMs = 5000
/** Who is at the other end is known. */
const anyServer = { rejectUnauthorized: false, ecdhCurve: 'X25519' } as const
const complete = '\r\n\r\n'

export class IdleConnections implements Disposable {
  readonly #endpoint: Endpoint
  readonly #scheme: 'http' | 'https'
  readonly #sockets: Socket[] = []
  /** How many were closed from the other side. */
  #lost = 0

  constructor(endpoint: Endpoint, scheme: 'http' | 'https') {
    this.#endpoint = endpoint
    this.#scheme = scheme
  }

  /** Opens more, each of which gets one answer. @throws Error when one gets none in time */
  async open(count: number): Promise<void> {
    for (let opened = 0; opened < count; opened += batch) {
      const size = Math.min(batch, count - opened)
      await Promise.all(Array.from({ length: size }, () => this.#open()))
    }
  }

  /** @throws Error when some are no longer open: what was measured is not what it should be */
  check(): void {
    if (this.#lost > 0) throw new Error(`${this.#lost} idle connections were closed by the proxy`)
  }

  [Symbol.dispose](): void {
    for (const socket of this.#sockets) socket.removeAllListeners('close').destroy()
  }

  async #open(): Promise<void> {
    const { host, port } = this.#endpoint
    const socket =
      this.#scheme === 'https' ? tls.connect({ port, host, ...anyServer }) : connect(port, host)
    this.#sockets.push(socket)
    socket.once('close', () => {
      this.#lost += 1
    })
    const fields = [`Host: ${host}:${port}`, ...usualHeaders].join('\r\n')
    socket.write(`GET / HTTP/1.1\r\n${fields}${complete}`)
    const signal = AbortSignal.timeout(patienceMs)
    let answer = ''
    while (!answer.includes(complete)) {
      const [bytes] = (await once(socket, 'data', { signal })) as [Buffer]
      answer += bytes.toString('latin1')
    }
    // What follows is the rest of the body.
    socket.on('error', () => undefined).resume()
  }
}
