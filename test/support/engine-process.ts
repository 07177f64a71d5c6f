/** An engine in a process of its own, whose memory is nobody else's. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import type { ConnectionOptions } from 'node:tls'
import { Engine } from '../../src/engine/engine.ts'
import type { Snapshot } from '../../src/snapshot/snapshot.ts'
import { systemClock } from '../../src/std/clock.ts'
import { createLogger } from '../../src/telemetry/logger.ts'
import { Peer } from './peer.ts'

type Asked = { readonly snapshot: Snapshot } | 'memory'

/** It ends when it needs more, in MB. */
const heapBound = 64

export class EngineProcess implements AsyncDisposable {
  readonly #child = fork(import.meta.filename, {
    execArgv: ['--expose-gc', `--max-old-space-size=${heapBound}`],
  })
  readonly #address: string
  readonly #port: number

  private constructor(address: string, port: number) {
    this.#address = address
    this.#port = port
  }

  /** @param snapshot of one listener */
  static async start(snapshot: Snapshot): Promise<EngineProcess> {
    const [node] = snapshot.nodes
    const [address = ''] = node?.addresses ?? []
    const started = new EngineProcess(address, node?.listeners[0]?.port ?? 0)
    await started.#ask({ snapshot })
    return started
  }

  /** With TLS. */
  connect(options: ConnectionOptions): Promise<Peer> {
    return Peer.connectTls(this.#address, this.#port, options)
  }

  /** Bytes in use, buffers included, after garbage was collected. */
  async memory(): Promise<number> {
    return (await this.#ask('memory')) as number
  }

  /** @throws Error when it ends instead of answering */
  async #ask(asked: Asked): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    const ended = () => reject(new Error('the engine has ended'))
    this.#child.once('exit', ended).once('message', resolve).send(asked)
    try {
      return await promise
    } finally {
      this.#child.off('exit', ended)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const exit = once(this.#child, 'exit')
    if (this.#child.exitCode === null && this.#child.kill()) await exit
  }
}

async function answer(asked: Asked, engine: Engine): Promise<unknown> {
  if (asked !== 'memory') return engine.apply(asked.snapshot)
  // What closed connections leave behind is let go in the turns of the event loop that follow.
  for (let turn = 0; turn < 5; turn += 1) {
    await new Promise(setImmediate)
    globalThis.gc?.()
  }
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

if (import.meta.main) {
  const engine = new Engine({ clock: systemClock, logger: createLogger('silent') })
  process.on('message', (asked: Asked) => {
    void answer(asked, engine).then((said) => process.send?.(said))
  })
}
