import { once } from 'node:events'
import net from 'node:net'
import { Worker } from 'node:worker_threads'

/** Listens, then blocks its event loop for good. */
const program = `
const { parentPort } = require('node:worker_threads')
const server = require('node:net').createServer()
server.listen({ host: '127.0.0.1', port: 0, backlog: 1 }, () => {
  parentPort.postMessage(server.address().port)
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
})`

/** A port whose queue is full and never served: the kernel drops further attempts to connect, as a dead host does. */
export class DeafListener implements AsyncDisposable {
  readonly host = '127.0.0.1'
  readonly port: number
  readonly #worker: Worker
  readonly #queued: readonly net.Socket[]

  private constructor(worker: Worker, port: number, queued: readonly net.Socket[]) {
    this.#worker = worker
    this.port = port
    this.#queued = queued
  }

  static async start(): Promise<DeafListener> {
    const worker = new Worker(program, { eval: true })
    const [port] = (await once(worker, 'message')) as [number]
    // Linux queues one more than the backlog.
    const queued = [1, 2].map(() => net.connect(port, '127.0.0.1'))
    for (const socket of queued) socket.on('error', () => {})
    await Promise.all(queued.map((socket) => once(socket, 'connect')))
    return new DeafListener(worker, port, queued)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#queued) socket.destroy()
    await this.#worker.terminate()
  }
}
