/** That floods cost a bounded amount of memory, however many there are. */
import { expect, test } from 'vitest'
import { EngineProcess } from '../../../test/support/engine-process.ts'
import {
  blockText,
  FramePeer,
  frameText,
  getRoot,
  serveHttp2,
  uint32,
} from '../../../test/support/http2.ts'
import { Origin } from '../../../test/support/peer.ts'
import { ok } from '../../../test/support/serving.ts'
import { errorCode, flag, frame } from './frames.ts'

const { headers, continuation, rstStream } = frame
const whole = flag.endHeaders | flag.endStream
const get = blockText(getRoot)

/** Of what is over, nothing is left but what the runtime has compiled meanwhile. */
const leftBound = 8 * 1024 * 1024

interface Flood {
  /** Sent on each connection. */
  readonly bytes: string
  readonly connections: number
}

function repeated(count: number, frames: (i: number) => string): string {
  return Array.from({ length: count }, (_, i) => frames(i)).join('')
}

const floods: readonly [string, Flood][] = [
  [
    '100,000 rapid resets',
    {
      bytes: repeated(2000, (i) => {
        const stream = 2 * i + 1
        return frameText(headers, whole, stream, get) + frameText(rstStream, 0, stream, uint32(8))
      }),
      connections: 50,
    },
  ],
  [
    '50 blocks that go on without an end',
    {
      bytes:
        frameText(headers, flag.endStream, 1, get) +
        repeated(20, () => frameText(continuation, 0, 1, 'a'.repeat(16_000))),
      connections: 50,
    },
  ],
  [
    '100,000 empty frames of blocks without an end',
    {
      bytes:
        frameText(headers, flag.endStream, 1, get) +
        repeated(2000, () => frameText(continuation, 0, 1)),
      connections: 50,
    },
  ],
]

/** One connection after the other. */
async function flood(engine: EngineProcess, { bytes, connections }: Flood): Promise<void> {
  for (let i = 0; i < connections; i += 1) {
    await using client = await FramePeer.connect(engine)
    client.peer.send(bytes)
    expect(await client.goneAway()).toBe(errorCode.enhanceYourCalm)
  }
}

test.each(floods)(
  '%s cost their connections, leave no memory in use, and others are served',
  async (_, kind) => {
    await using origin = await Origin.start()
    // One request at a time: the others wait for it, and are reset there.
    const pool = { maxConnections: 1 }
    const elsewhere = await serveHttp2([origin], { pool, idleTimeout: 600_000 })
    const snapshot = elsewhere.snapshot([origin])
    await elsewhere[Symbol.asyncDispose]()
    await using engine = await EngineProcess.start(snapshot)
    await using other = await FramePeer.connect(engine)
    const request = other.request(getRoot)
    const target = await origin.peer(0)
    await flood(engine, { ...kind, connections: 5 })
    const before = await engine.memory()
    await flood(engine, kind)
    expect(await engine.memory()).toBeLessThan(before + leftBound)
    target.send(ok('fine'))
    expect((await other.response(request)).body).toBe('fine')
  },
)
