/**
 * Node's own TCP handles: what `net.Socket` is made of. They are not documented, so they are looked for at start, and where one
 * of their parts is missing there are none; `socket-wire.ts` is the portable way then. Numbers are libuv's: 0 or a negative error.
 */

export interface TcpHandle {
  /** Called after each read; the outcome is in {@link Handles.state}. */
  onread: (this: TcpHandle) => void
  /** Of a listening handle. */
  onconnection: ((error: number, handle?: TcpHandle) => void) | null
  /** All reads go into this buffer. */
  useUserBuffer(buffer: Uint8Array): void
  readStart(): number
  readStop(): number
  writeLatin1String(request: WriteRequest, text: string): number
  writeBuffer(request: WriteRequest, buffer: Uint8Array): number
  shutdown(request: Request): number
  /** Refused while a shutdown is under way. */
  reset(): number
  /** The socket is closed when this returns; writes and shutdowns that are under way complete later, with an error. */
  close(): void
  connect(request: Request, host: string, port: number): number
  connect6(request: Request, host: string, port: number): number
  getpeername(into: Address): number
  setNoDelay(on: boolean): number
  /** Bytes that the kernel has not taken yet. */
  readonly writeQueueSize: number
}

export interface Address {
  address: string
  family: string
  port: number
}

/** One operation under way; `oncomplete` is told how it went. */
export interface Request {
  /** null: nobody is to be told. */
  oncomplete: ((this: this, status: number) => void) | null
  handle?: unknown
}

export interface WriteRequest extends Request {
  bytes?: number
}

export interface Handles {
  newHandle(): TcpHandle
  newConnectRequest(): Request
  newWriteRequest(): WriteRequest
  newShutdownRequest(): Request
  /** Outcomes of the last read and write, by the two places below. */
  readonly state: Int32Array
  /** Bytes read, or the error. */
  readonly read: number
  /** Not 0 when the write goes on after the call: its request is in use until it completes. */
  readonly writeIsAsync: number
}

interface Bindings {
  binding?: (name: string) => unknown
}
interface TcpBinding {
  readonly TCP: new (kind: number) => TcpHandle
  readonly TCPConnectWrap: new () => Request
  readonly constants: { readonly SOCKET: number }
}
interface StreamBinding {
  readonly WriteWrap: new () => WriteRequest
  readonly ShutdownWrap: new () => Request
  readonly streamBaseState: Int32Array
  readonly kReadBytesOrError: number
  readonly kLastWriteWasAsync: number
}

const methods: readonly (keyof TcpHandle)[] = [
  'useUserBuffer',
  'readStart',
  'readStop',
  'writeLatin1String',
  'writeBuffer',
  'shutdown',
  'reset',
  'close',
  'connect',
  'connect6',
  'getpeername',
  'setNoDelay',
  'writeQueueSize',
]

/** null when this Node has no such handles. */
export const handles: Handles | null = findHandles()

function findHandles(): Handles | null {
  try {
    const { binding } = process as unknown as Bindings
    const tcp = binding?.('tcp_wrap') as TcpBinding
    const stream = binding?.('stream_wrap') as StreamBinding
    return complete(tcp, stream) ? handlesOf(tcp, stream) : null
  } catch {
    return null
  }
}

function complete({ TCP, TCPConnectWrap, constants }: TcpBinding, stream: StreamBinding): boolean {
  const constructors = [TCP, TCPConnectWrap, stream.WriteWrap, stream.ShutdownWrap]
  const numbers = [constants.SOCKET, stream.kReadBytesOrError, stream.kLastWriteWasAsync]
  return (
    constructors.every((one) => typeof one === 'function') &&
    numbers.every((one) => typeof one === 'number') &&
    stream.streamBaseState instanceof Int32Array &&
    methods.every((name) => name in TCP.prototype)
  )
}

function handlesOf({ TCP, TCPConnectWrap, constants }: TcpBinding, stream: StreamBinding): Handles {
  return {
    newHandle: () => new TCP(constants.SOCKET),
    newConnectRequest: () => new TCPConnectWrap(),
    newWriteRequest: () => new stream.WriteWrap(),
    newShutdownRequest: () => new stream.ShutdownWrap(),
    state: stream.streamBaseState,
    read: stream.kReadBytesOrError,
    writeIsAsync: stream.kLastWriteWasAsync,
  }
}
