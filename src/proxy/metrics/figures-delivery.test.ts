import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { eventually } from '../../../test/support/eventually.ts'
import { createLogger } from '../../telemetry/logger.ts'
import { FiguresDelivery } from './figures-delivery.ts'
import { Journal } from './journal.ts'

test('while control is away the newest minutes wait, up to a bound on the disk, and the others are counted', async () => {
  const root = await mkdtemp(join(tmpdir(), 'weir-metrics-'))
  onTestFinished(() => rm(root, { recursive: true }))
  const logger = createLogger('silent')
  const folder = join(root, 'run')
  const journal = new Journal(folder, logger)
  const nodes = [{ loadBalancer: 'lb', zone: 'a', counts: { routed: 1 } }]
  const sent: number[] = []
  let here = false
  const size = (await journal.close({ source: 's', sequence: 0, minute: 0, nodes })).bytes
  const delivery: FiguresDelivery = new FiguresDelivery({
    root,
    send: ({ source, sequence }) => {
      if (!here) return
      sent.push(sequence)
      delivery.delivered(source, sequence)
    },
    logger,
    bytes: 3 * size,
  })
  for (let sequence = 1; sequence <= 8; sequence += 1) {
    delivery.add(await journal.close({ source: 's', sequence, minute: sequence, nodes }))
    delivery.deliver()
  }
  await eventually('the oldest to be given up', () => delivery.lost === 5)
  expect((await readdir(folder)).sort()).toEqual(['0.batch', '6.batch', '7.batch', '8.batch'])
  here = true
  delivery.deliver()
  await delivery.empty()
  expect(sent).toEqual([6, 7, 8])
})
