import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { eventually } from '../../test/support/eventually.ts'
import { ManualClock } from '../../test/support/manual-clock.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import { encodeJsonLine } from '../std/json-lines.ts'
import { createLogger } from '../telemetry/logger.ts'
import { ProxyLink } from './proxy-link.ts'

const snapshot: Snapshot = {
  revision: 1,
  nodes: [],
  pools: [],
  checks: [],
  certificates: [],
  challenges: [],
  system: '',
}

test.each([
  ['garbage', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
  ['null', 'null\n'],
  ['a message that it does not know', encodeJsonLine({ type: 'surprise' })],
  ['a snapshot of another shape', encodeJsonLine({ type: 'snapshot', snapshot: { revision: 2 } })],
])('a proxy lets go of a control that sends %s, and takes the next snapshot', async (_, line) => {
  const folder = mkdtempSync(join(tmpdir(), 'weir-link-'))
  const path = join(folder, 'control.sock')
  const server = createServer().listen(path)
  const clock = new ManualClock()
  const taken: Snapshot[] = []
  const got = Promise.withResolvers<void>()
  await once(server, 'listening')
  const link = new ProxyLink({
    path,
    clock,
    logger: createLogger('silent'),
    onConnect: () => {},
    onMessage: (message) => {
      if (message.type === 'snapshot') taken.push(message.snapshot)
      got.resolve()
    },
  })
  onTestFinished(() => {
    link[Symbol.dispose]()
    server.close()
    rmSync(folder, { recursive: true })
  })

  const [first] = (await once(server, 'connection')) as [Socket]
  first.on('error', () => {}).end(line)
  await once(first.resume(), 'close')
  const again = once(server, 'connection')
  await eventually('the wait before it connects again', () => clock.pending > 0)
  clock.advance(200)
  const [second] = (await again) as [Socket]
  second.write(encodeJsonLine({ type: 'snapshot', snapshot }))
  await got.promise
  second.destroy()
  expect(taken).toEqual([snapshot])
})
