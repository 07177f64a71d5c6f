/** What is written and not yet taken by the kernel lies in memory that only the write knows: it must outlive garbage collections. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { eventually, Origin } from '../../../test/support/peer.ts'
import { unclaimed, type WireKind } from './wire.ts'
import { connectWire } from './wires.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** Sizes of one write: by way of text, just over that, most of a read; and more than a read. */
const sizes = [1024, 1025, 9_000, 65_536]
const large = [100_003]
/** Of each size; more in all than the kernel's buffers take from a reader that stands still. */
const rounds = 120

/** Fills what was freed, so that a write from it would show. */
function soil(): void {
  collectGarbage()
  for (const size of [...sizes, ...large]) {
    for (let i = 0; i < 20; i += 1) Buffer.allocUnsafeSlow(size).fill(0xee)
  }
}

test.each<[WireKind, readonly number[]]>([
  ['handle', sizes],
  ['handle', large],
  ['socket', sizes],
  ['socket', large],
])(
  'bytes that wait for a reader stay as they were written, whatever is collected and written meanwhile (%s, %j)',
  async (kind, sizes) => {
    await using origin = await Origin.start((peer) => peer.socket.pause())
    let connected = 0
    const handler = { ...unclaimed, connected: () => (connected += 1) }
    const wire = connectWire('127.0.0.1', origin.port, handler, kind)
    const peer = await origin.peer(0)
    await using quickOrigin = await Origin.start()
    const quick = connectWire('127.0.0.1', quickOrigin.port, handler, kind)
    await eventually(() => connected === 2)
    // One buffer for all, as the engine reads into one.
    const buffer = Buffer.alloc(Math.max(...sizes))
    let expected = ''
    for (let round = 0; round < rounds; round += 1) {
      for (const [i, size] of sizes.entries()) {
        buffer.fill(`${round}.${i} `, 0, size)
        expected += buffer.toString('latin1', 0, size)
        wire.writeBytes(buffer, 0, size)
      }
      buffer.fill('!')
      quick.writeBytes(buffer, 0, 65_536)
      if (round % 10 === 0) soil()
    }
    wire.end()
    expect(wire.flushed).toBe(false)
    soil()
    peer.socket.resume()
    await eventually(() => peer.ended)
    expect(peer.received.length).toBe(expected.length)
    // Not toBe alone, which would print both.
    expect(peer.received === expected).toBe(true)
    wire.destroy()
    quick.destroy()
  },
)
