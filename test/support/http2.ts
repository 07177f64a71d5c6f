/** HTTP/2 clients for tests: Node's own, and one that sends whatever frames a test wants. */
import http2 from 'node:http2'
import { flag, frame } from '../../src/engine/http2/frames.ts'
import { HpackDecoder } from '../../src/engine/http2/hpack-decoder.ts'
import { eventually, type Peer } from './peer.ts'
import { type Place, Serving, type ServingOptions } from './serving.ts'
import { snapshotCertificate, usualTls } from './tls.ts'

const certificate = await snapshotCertificate()

/** An engine whose listener speaks HTTP/2. */
export function serveHttp2(
  places: readonly Place[],
  options: ServingOptions = {},
): Promise<Serving> {
  const tls = usualTls(certificate)
  return Serving.start(places, { certificates: [certificate], tls, http2: true, ...options })
}

/** Node's own client. */
export async function connectHttp2(
  serving: Serving,
  options: http2.SecureClientSessionOptions = {},
): Promise<http2.ClientHttp2Session & AsyncDisposable> {
  const url = `https://${serving.address}:${serving.port}`
  const session = http2.connect(url, { rejectUnauthorized: false, ...options })
  session.on('error', () => {})
  await new Promise((resolve) => session.once('connect', resolve))
  const dispose = async () => {
    session.destroy()
    await eventually(() => session.destroyed)
  }
  return Object.assign(session, { [Symbol.asyncDispose]: dispose })
}

export interface Http2Response {
  readonly status: number
  readonly headers: http2.IncomingHttpHeaders
  readonly body: string
  readonly trailers: http2.IncomingHttpHeaders | undefined
}

/** Resolves with the whole response; rejects when the stream is reset. */
export async function responseTo(stream: http2.ClientHttp2Stream): Promise<Http2Response> {
  const { promise, resolve, reject } = Promise.withResolvers<Http2Response>()
  let headers: http2.IncomingHttpHeaders = {}
  let trailers: http2.IncomingHttpHeaders | undefined
  let body = ''
  stream.on('response', (fields) => {
    headers = fields
  })
  stream.on('trailers', (fields) => {
    trailers = fields
  })
  stream.on('data', (chunk: Buffer) => {
    body += chunk.toString('latin1')
  })
  stream.on('error', reject)
  stream.on('end', () => {
    resolve({ status: Number(headers[':status']), headers, body, trailers })
  })
  return promise
}

export type Fields = readonly (readonly [name: string, value: string])[]

export interface Frame {
  readonly type: number
  readonly flags: number
  readonly stream: number
  readonly payload: Buffer
}

/** What came on one stream. */
export interface RawResponse {
  /** `name: value` of all header blocks, in order. */
  readonly fields: readonly string[]
  readonly body: string
  /** Of RST_STREAM; undefined: the stream ended in order. */
  readonly reset: number | undefined
}

const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'

/** What a request to `/` is. */
export const getRoot: Fields = [
  [':method', 'GET'],
  [':scheme', 'https'],
  [':path', '/'],
  [':authority', 'a.example'],
]

export function postTo(path: string, ...more: Fields): Fields {
  return [
    [':method', 'POST'],
    [':scheme', 'https'],
    [':path', path],
    [':authority', 'a.example'],
    ...more,
  ]
}

export function frameText(type: number, flags: number, stream: number, payload = ''): string {
  const header = Buffer.alloc(9)
  header.writeUIntBE(payload.length, 0, 3)
  header[3] = type
  header[4] = flags
  header.writeUInt32BE(stream, 5)
  return header.toString('latin1') + payload
}

/** A header block of literals, names as they are. */
export function blockText(fields: Fields): string {
  return fields.map(([name, value]) => `\0${stringText(name)}${stringText(value)}`).join('')
}

/** Four bytes. */
export function uint32(value: number): string {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes.toString('latin1')
}

function stringText(text: string): string {
  let rest = text.length - 0x7f
  if (rest < 0) return String.fromCharCode(text.length) + text
  let length = '\x7f'
  for (; rest >= 0x80; rest >>>= 7) length += String.fromCharCode((rest & 0x7f) | 0x80)
  return length + String.fromCharCode(rest) + text
}

/** A client whose frames a test writes by hand. */
export class FramePeer implements AsyncDisposable {
  readonly peer: Peer
  readonly #decoder = new HpackDecoder()
  readonly #responses = new Map<number, { fields: string[]; body: string }>()
  readonly #over = new Map<number, RawResponse>()
  /** The payload of the last HEADERS frame. */
  block: Buffer = Buffer.alloc(0)
  /** Frames that are not of a response. */
  readonly frames: Frame[] = []
  #next = 1

  private constructor(peer: Peer) {
    this.peer = peer
    peer.socket.on('data', () => this.#read())
  }

  /** @param settings the payload of the first SETTINGS frame */
  static async connect(serving: Pick<Serving, 'connect'>, settings = ''): Promise<FramePeer> {
    const raw = await FramePeer.silent(serving)
    raw.peer.send(preface)
    raw.frame(frame.settings, 0, 0, settings)
    return raw
  }

  /** Connected, and nothing sent. */
  static async silent(serving: Pick<Serving, 'connect'>): Promise<FramePeer> {
    return new FramePeer(await serving.connect({ ALPNProtocols: ['h2'] }))
  }

  frame(type: number, flags: number, stream: number, payload = ''): void {
    this.peer.send(frameText(type, flags, stream, payload))
  }

  nextStream(): number {
    const stream = this.#next
    this.#next += 2
    return stream
  }

  /** How many streams are over. */
  get overCount(): number {
    return this.#over.size
  }

  /** Begins a request. @returns its stream */
  request(fields: Fields, endsStream = true): number {
    const stream = this.nextStream()
    const ends = endsStream ? flag.endStream : 0
    this.frame(frame.headers, flag.endHeaders | ends, stream, blockText(fields))
    return stream
  }

  data(stream: number, text: string, endsStream = false): void {
    this.frame(frame.data, endsStream ? flag.endStream : 0, stream, text)
  }

  widen(stream: number, increment: number): void {
    this.frame(frame.windowUpdate, 0, stream, uint32(increment))
  }

  /** Resolves when the stream is over. */
  async response(stream: number): Promise<RawResponse> {
    await eventually(() => this.#over.has(stream) || this.peer.closed)
    const response = this.#over.get(stream)
    if (response === undefined) throw new Error(`closed, and stream ${stream} is not over`)
    return response
  }

  /** What came of a response so far. */
  partOf(stream: number): { readonly fields: readonly string[]; readonly body: string } {
    return this.#responses.get(stream) ?? { fields: [], body: '' }
  }

  async until(type: number, stream?: number): Promise<Frame> {
    const wanted = (each: Frame) => each.type === type && (stream ?? each.stream) === each.stream
    await eventually(() => this.frames.some(wanted) || this.peer.closed)
    const found = this.frames.find(wanted)
    if (found === undefined) throw new Error(`closed, and no frame of type ${type} came`)
    return found
  }

  /** Resolves with the error code of GOAWAY when the connection is ended. */
  async goneAway(): Promise<number> {
    const { payload } = await this.until(frame.goaway)
    await this.peer.untilEnded()
    return payload.readUInt32BE(4)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.peer[Symbol.asyncDispose]()
  }

  #read(): void {
    const received = Buffer.from(this.peer.take(), 'latin1')
    let at = 0
    while (received.length - at >= 9) {
      const end = at + 9 + received.readUIntBE(at, 3)
      if (received.length < end) break
      const [type = 0, flags = 0] = received.subarray(at + 3, at + 5)
      const payload = received.subarray(at + 9, end)
      this.#take({ type, flags, stream: received.readUInt32BE(at + 5), payload })
      at = end
    }
    this.peer.received = received.toString('latin1', at)
  }

  #take(came: Frame): void {
    const { type, flags, stream, payload } = came
    if (type !== frame.headers && type !== frame.data && type !== frame.rstStream) {
      this.frames.push(came)
      return
    }
    const response = this.#responses.get(stream) ?? { fields: [], body: '' }
    this.#responses.set(stream, response)
    const field = { field: (each: { line: string }) => void response.fields.push(each.line.trim()) }
    if (type === frame.data) response.body += payload.toString('latin1')
    else if (type === frame.headers) {
      this.block = payload
      this.#decoder.decode(payload, 0, payload.length, field)
    }
    const reset = type === frame.rstStream ? payload.readUInt32BE(0) : undefined
    const ended = reset === undefined && (flags & flag.endStream) !== 0
    if ((ended || reset !== undefined) && !this.#over.has(stream)) {
      this.#over.set(stream, { ...response, reset })
    }
  }
}
