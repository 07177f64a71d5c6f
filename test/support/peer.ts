import { once } from 'node:events'
import net from 'node:net'
import tls from 'node:tls'

/** One end of a TCP connection in a test: raw text out, raw text in (latin1, so any byte). */
export class Peer implements AsyncDisposable {
  readonly socket: net.Socket
  readonly #tcp: net.Socket
  received = ''
  ended = false
  closed = false
  error: Error | undefined
  /** Of TLS: the last that the server gave, to be resumed. */
  session: Buffer | undefined

  /** @param tcp what `socket` encrypts, if it does */
  constructor(socket: net.Socket, tcp = socket) {
    this.socket = socket
    this.#tcp = tcp
    socket.on('data', (chunk) => {
      this.received += chunk.toString('latin1')
    })
    socket.on('end', () => {
      this.ended = true
    })
    socket.on('error', (error) => {
      this.error = error
    })
    socket.on('close', () => {
      this.closed = true
    })
  }

  /** @param localAddress that it connects from; absent: the system's choice */
  static async connect(host: string, port: number, localAddress?: string): Promise<Peer> {
    const from = localAddress === undefined ? {} : { localAddress }
    const socket = net.connect({ host, port, allowHalfOpen: true, noDelay: true, ...from })
    const peer = new Peer(socket)
    await once(socket, 'connect')
    return peer
  }

  /** Resolves when the handshake is over; rejects when it fails. Any certificate will do. */
  static async connectTls(
    host: string,
    port: number,
    options: tls.ConnectionOptions = {},
  ): Promise<Peer> {
    const tcp = net.connect({ host, port, allowHalfOpen: true, noDelay: true })
    const socket = tls.connect({ rejectUnauthorized: false, ...options, socket: tcp })
    const peer = new Peer(socket, tcp)
    socket.on('session', (session) => {
      peer.session = session
    })
    await once(socket, 'secureConnect')
    return peer
  }

  /** Of a peer that speaks TLS. */
  get tls(): tls.TLSSocket {
    return this.socket as tls.TLSSocket
  }

  reset(): void {
    this.#tcp.resetAndDestroy()
  }

  send(text: string): void {
    this.socket.write(text, 'latin1')
  }

  /** Sends it below TLS, if there is any. */
  sendRaw(text: string): void {
    this.#tcp.write(text, 'latin1')
  }

  /** Resolves with all that came, once it matches. */
  async until(pattern: RegExp | string | ((received: string) => boolean)): Promise<string> {
    const matches = () => {
      if (typeof pattern === 'function') return pattern(this.received)
      if (typeof pattern === 'string') return this.received.includes(pattern)
      return pattern.test(this.received)
    }
    await eventually(() => {
      if (matches()) return true
      if (this.closed) throw new Error(`closed before ${pattern}, after:\n${this.received}`)
      return false
    })
    return this.received
  }

  /** Forgets what came, and returns it. */
  take(): string {
    const { received } = this
    this.received = ''
    return received
  }

  async untilEnded(): Promise<void> {
    await eventually(() => this.ended || this.closed)
  }

  async untilClosed(): Promise<void> {
    await eventually(() => this.closed)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.destroy()
    await this.untilClosed()
  }
}

/** Turns the event loop until the condition holds; the test's own time limit ends it otherwise. */
export async function eventually(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve))
}

/** Resolves when `figure` has stood still for many turns of the event loop. */
export async function settled(figure: () => number): Promise<void> {
  let last = -1
  let still = 0
  await eventually(() => {
    still = figure() === last ? still + 1 : 0
    last = figure()
    return still > 2000
  })
}

/** A server whose connections a test plays by hand. */
export class Origin implements AsyncDisposable {
  readonly host: string
  readonly peers: Peer[] = []
  readonly #server: net.Server
  /** By the port of the other end. */
  readonly #accepted = new Map<number | undefined, net.Socket>()

  private constructor(server: net.Server, host: string, play: (peer: Peer) => void) {
    this.#server = server
    this.host = host
    server.on('connection', (tcp) => this.#accepted.set(tcp.remotePort, tcp))
    const event = server instanceof tls.Server ? 'secureConnection' : 'connection'
    server.on(event, (socket: net.Socket) => {
      const peer = new Peer(socket, this.#accepted.get(socket.remotePort))
      this.peers.push(peer)
      play(peer)
    })
  }

  /** @param secure with it, clients have to speak TLS */
  static async start(
    play: (peer: Peer) => void = () => {},
    host = '127.0.0.1',
    secure?: tls.TlsOptions,
  ): Promise<Origin> {
    const options = { allowHalfOpen: true, noDelay: true }
    const server = secure ? tls.createServer({ ...options, ...secure }) : net.createServer(options)
    const origin = new Origin(server, host, play)
    server.listen(0, host)
    await once(server, 'listening')
    return origin
  }

  /** Answers every request head with `response(head)`; bodies are not looked at. */
  static answering(
    response: string | ((head: string) => string),
    secure?: tls.TlsOptions,
  ): Promise<Origin> {
    const play = (peer: Peer) => {
      peer.socket.on('data', () => {
        for (let end = headEnd(peer); end > 0; end = headEnd(peer)) {
          const head = peer.received.slice(0, end)
          peer.received = peer.received.slice(end)
          peer.send(typeof response === 'string' ? response : response(head))
        }
      })
    }
    return Origin.start(play, '127.0.0.1', secure)
  }

  get port(): number {
    return (this.#server.address() as net.AddressInfo).port
  }

  /** The connection with that number, once it is there. */
  async peer(index: number): Promise<Peer> {
    await eventually(() => this.peers.length > index)
    return this.peers[index] as Peer
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const peer of this.peers) peer.socket.destroy()
    for (const tcp of this.#accepted.values()) tcp.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }
}

/** Where the first head ends; 0 when it is not whole. */
function headEnd(peer: Peer): number {
  const last = peer.received.indexOf('\r\n\r\n')
  return last < 0 ? 0 : last + 4
}
