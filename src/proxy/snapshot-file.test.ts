import { randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Snapshot } from '../snapshot/snapshot.ts'
import { SecretBox } from '../std/secret-box.ts'
import { loadSnapshot, saveSnapshot } from './snapshot-file.ts'

const snapshot: Snapshot = {
  revision: 1,
  nodes: [],
  pools: [],
  checks: [],
  certificates: [{ id: 'a', chain: 'public', key: 'very-secret-key' }],
  challenges: [],
  system: '',
}

const box = new SecretBox(randomBytes(32))
const openBox = async () => box

function newFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'weir-snapshot-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return join(folder, 'proxy', 'snapshot.json')
}

test('a saved snapshot is loaded again; there is none at first', async () => {
  const file = newFile()
  expect(await loadSnapshot(file, openBox)).toBeUndefined()
  await saveSnapshot(file, snapshot, box)
  expect(await loadSnapshot(file, openBox)).toEqual(snapshot)
  expect(readdirSync(join(file, '..'))).toEqual(['snapshot.json'])
})

test('a saved snapshot can be read with the key that sealed it only', async () => {
  const file = newFile()
  await saveSnapshot(file, snapshot, box)
  expect(readFileSync(file, 'utf8')).not.toMatch(/secret|public|revision/)
  const other = new SecretBox(randomBytes(32))
  await expect(loadSnapshot(file, async () => other)).rejects.toThrow(/key of another file/)
})

test('a file of another format is passed over', async () => {
  const file = newFile()
  await saveSnapshot(file, snapshot, box)
  writeFileSync(file, JSON.stringify({ format: 6, snapshot: { revision: 5 } }))
  expect(await loadSnapshot(file, openBox)).toBeUndefined()
})

const sealed = box.seal('{"revision":5}', 'proxy/snapshot')

test.each(['', '{"format":8,"sea', 'null', '{"format":8}', JSON.stringify({ format: 8, sealed })])(
  'a damaged file is refused: %j',
  async (text) => {
    const file = newFile()
    await saveSnapshot(file, snapshot, box)
    writeFileSync(file, text)
    await expect(loadSnapshot(file, openBox)).rejects.toThrow(/JSON|no snapshot/)
  },
)
