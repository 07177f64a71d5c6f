/**
 * Between `weir doctor` and the control process: one JSON line each way, over a Unix socket that only the user who runs Weir may
 * connect to. It tells addresses and errors of instances, which the APIs' clients have no right to.
 */
import { createServer, type Server, type Socket } from 'node:net'
import { encodeJsonLine, JsonLineReader } from '../std/json-lines.ts'
import { listenOnUnixSocket } from '../std/unix-socket.ts'
import type { Logger } from '../telemetry/logger.ts'
import type { Examination } from './examine.ts'

export interface DoctorQuestion {
  /** null: all. */
  readonly loadBalancer: string | null
  /** null: all regions. */
  readonly region: string | null
}

export type DoctorAnswer =
  | { readonly type: 'examinations'; readonly examinations: readonly Examination[] }
  | { readonly type: 'error'; readonly message: string }

export interface DoctorSocketOptions {
  readonly path: string
  readonly examine: (question: DoctorQuestion) => Promise<readonly Examination[]>
  readonly logger: Logger
}

export async function openDoctorSocket(options: DoctorSocketOptions): Promise<AsyncDisposable> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    void serve(socket, options)
  })
  await listenOnUnixSocket(server, options.path)
  return { [Symbol.asyncDispose]: () => close(server, sockets) }
}

async function serve(socket: Socket, { examine, logger }: DoctorSocketOptions): Promise<void> {
  try {
    const examinations = await examine((await readLine(socket)) as DoctorQuestion)
    socket.end(encodeJsonLine({ type: 'examinations', examinations } satisfies DoctorAnswer))
  } catch (error) {
    logger.warn({ err: error }, 'an examination failed')
    const { message } = error as Error
    socket.end(encodeJsonLine({ type: 'error', message } satisfies DoctorAnswer))
  }
}

/** The one value that the other side sends. */
export function readLine(socket: Socket): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>()
  const reader = new JsonLineReader()
  socket.on('data', (chunk: Buffer) => {
    try {
      const [value] = reader.push(chunk)
      if (value !== undefined) resolve(value)
    } catch (error) {
      reject(error)
    }
  })
  socket.once('error', reject)
  socket.once('close', () => reject(new Error('the connection was closed early')))
  return promise
}

async function close(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  for (const socket of sockets) socket.destroy()
  await closed
}
