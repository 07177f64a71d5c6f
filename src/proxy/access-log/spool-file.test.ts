import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { eventually } from '../../../test/support/peer.ts'
import { loadBalancing } from '../../buckets/buckets.ts'
import { entriesName, SpoolFile, SpoolMemory } from './spool-file.ts'

const sender = loadBalancing('us-west-2', '123456789012', 'web')
const destination = { bucket: 'logs', key: 'key', sender }

async function start(bound: number) {
  const root = await mkdtemp(join(tmpdir(), 'weir-spool-'))
  onTestFinished(() => rm(root, { recursive: true }))
  const memory = new SpoolMemory(bound)
  const file = new SpoolFile(join(root, 'open'), destination, memory)
  const add = (entry: string) => {
    file.next.text(`${entry}\n`)
    file.added()
  }
  const close = async () => {
    const moved = await file.close(join(root, 'closed'))
    return moved ? (await readFile(join(root, 'closed', entriesName), 'latin1')).split('\n') : null
  }
  return { memory, file, add, close }
}

test('each entry is in the file once, in order, however many pieces it comes in', async () => {
  const { memory, file, add, close } = await start(10_000)
  const entries = Array.from({ length: 400 }, (_, i) => `entry ${i}`)
  for (const [i, entry] of entries.entries()) {
    add(entry)
    if (i % 50 !== 49) continue
    file.flush()
    // Some come while the piece before them is on its way.
    if (i % 100 === 99) await eventually(() => memory.waiting === 0)
  }
  expect(await close()).toEqual([...entries, ''])
  expect(memory).toMatchObject({ waiting: 0, lost: 0 })
})

test('memory that was full takes entries again once the disk has them, every time', async () => {
  const { memory, file, add, close } = await start(100)
  const kept: string[] = []
  for (let round = 0; round < 5; round += 1) {
    for (let i = 0; i < 10; i += 1) add(`round ${round}, ${'x'.repeat(10)} ${i}`)
    expect(memory.lost).toBe(6)
    memory.lost = 0
    for (let i = 0; i < 4; i += 1) kept.push(`round ${round}, ${'x'.repeat(10)} ${i}`)
    file.flush()
    await eventually(() => memory.waiting === 0)
  }
  expect(await close()).toEqual([...kept, ''])
})

test('a file that nothing came to leaves nothing behind', async () => {
  const { file, close } = await start(100)
  file.added()
  file.flush()
  expect(await close()).toBeNull()
})
