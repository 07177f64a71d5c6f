import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Snapshot } from '../snapshot/snapshot.ts'
import { loadSnapshot, saveSnapshot } from './snapshot-file.ts'

const snapshot: Snapshot = {
  revision: 1,
  nodes: [],
  pools: [],
  checks: [],
  certificates: [],
  challenges: [],
}

function newFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'weir-snapshot-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return join(folder, 'proxy', 'snapshot.json')
}

test('a saved snapshot is loaded again; there is none at first', async () => {
  const file = newFile()
  expect(await loadSnapshot(file)).toBeUndefined()
  await saveSnapshot(file, snapshot)
  expect(await loadSnapshot(file)).toEqual(snapshot)
  expect(readdirSync(join(file, '..'))).toEqual(['snapshot.json'])
})

test('a file of another format is passed over', async () => {
  const file = newFile()
  await saveSnapshot(file, snapshot)
  writeFileSync(file, JSON.stringify({ format: 1, nodes: {} }))
  expect(await loadSnapshot(file)).toBeUndefined()
})

test.each(['', '{"format":4,"snap', 'null', '{"format":4,"snapshot":{"revision":5}}'])(
  'a damaged file is refused: %j',
  async (text) => {
    const file = newFile()
    await saveSnapshot(file, snapshot)
    writeFileSync(file, text)
    await expect(loadSnapshot(file)).rejects.toThrow(/JSON|no snapshot/)
  },
)
