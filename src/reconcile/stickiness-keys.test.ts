import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { SecretBox } from '../std/secret-box.ts'
import { openSqliteStore } from '../store/sqlite/sqlite-store.ts'
import { hasStickinessSecret, isStickinessSecret, StickinessKeys } from './stickiness-keys.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weir-stickiness-'))
})
afterAll(() => rm(folder, { recursive: true }))

const box = new SecretBox(new Uint8Array(32).fill(7))

test('keys are the same whenever and however often the store is opened, and each load balancer’s own', async () => {
  await using store = openSqliteStore(join(folder, 'one.db'))
  expect(await hasStickinessSecret(store)).toBe(false)
  const opened = await Promise.all([1, 2, 3].map(() => StickinessKeys.open(store, box)))
  expect(new Set(opened.map((keys) => keys.of('a'))).size).toBe(1)
  const [keys] = opened
  expect(Buffer.from(keys?.of('a') ?? '', 'base64')).toHaveLength(32)
  expect(keys?.of('b')).not.toBe(keys?.of('a'))
  expect(await hasStickinessSecret(store)).toBe(true)
})

test('the secret is sealed in the store, and another one in another store', async () => {
  await using store = openSqliteStore(join(folder, 'two.db'))
  await using other = openSqliteStore(join(folder, 'three.db'))
  const keys = await StickinessKeys.open(store, box)
  expect((await StickinessKeys.open(other, box)).of('a')).not.toBe(keys.of('a'))
  const { entries } = await store.list('')
  expect(entries.map(({ key }) => isStickinessSecret(key))).toEqual([true])
  const wrong = new SecretBox(new Uint8Array(32).fill(8))
  await expect(StickinessKeys.open(store, wrong)).rejects.toThrow("'stickiness/secret'")
})
