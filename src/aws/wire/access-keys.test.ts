import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { SecretBox } from '../../std/secret-box.ts'
import { openSqliteStore } from '../../store/sqlite/sqlite-store.ts'
import { accessKeys, ensureRootKey, isAccessKeyKey } from './access-keys.ts'

it('makes one root key, finds it again, and keeps its secret sealed', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'weir-keys-'))
  const box = new SecretBox(new Uint8Array(32).fill(1))
  const path = join(folder, 'weir.db')
  {
    await using store = openSqliteStore(path)
    const [first, second] = await Promise.all([
      ensureRootKey(store, box),
      ensureRootKey(store, box),
    ])
    expect([first.created, second.created].sort()).toEqual([false, true])
    expect(first.accessKeyId).toBe(second.accessKeyId)
    expect(first.accessKeyId).toMatch(/^AKIA[A-Z2-7]{16}$/)
    expect(first.secretAccessKey).toMatch(/^[A-Za-z0-9+/]{40}$/)
    expect(await ensureRootKey(store, box)).toEqual({ ...first, created: false })
    const keys = accessKeys(store, box)
    expect(await keys.secretOf(first.accessKeyId)).toBe(first.secretAccessKey)
    expect(await keys.secretOf('AKIAAAAAAAAAAAAAAAAA')).toBeUndefined()
    expect(await keys.secretOf('../x')).toBeUndefined()
    const { entries } = await store.list('')
    expect(entries.map(({ key }) => isAccessKeyKey(key))).toEqual([true])
    expect(JSON.stringify(entries)).not.toContain(first.secretAccessKey)
    const otherBox = new SecretBox(new Uint8Array(32).fill(2))
    await expect(ensureRootKey(store, otherBox)).rejects.toThrow('does not open with this key')
  }
  await rm(folder, { recursive: true })
})
