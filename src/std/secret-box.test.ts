import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openSecretBox, SecretBox } from './secret-box.ts'

describe('a secret box', () => {
  const box = new SecretBox(new Uint8Array(32).fill(7))

  it('opens what it sealed, and never seals the same way twice', () => {
    const sealed = box.seal('sécret', 'name')
    expect(box.open(sealed, 'name')).toBe('sécret')
    expect(sealed).not.toContain('cret')
    expect(box.seal('sécret', 'name')).not.toBe(sealed)
  })

  it('does not open under another name, with another key, or after any change', () => {
    const sealed = box.seal('secret', 'name')
    expect(() => box.open(sealed, 'other')).toThrow("secret of 'other' does not open")
    expect(() => new SecretBox(new Uint8Array(32)).open(sealed, 'name')).toThrow('does not open')
    const bytes = Buffer.from(sealed, 'base64')
    for (let i = 0; i < bytes.length; i += 1) {
      const changed = Buffer.from(bytes)
      changed.writeUInt8((changed[i] ?? 0) ^ 1, i)
      expect(() => box.open(changed.toString('base64'), 'name')).toThrow('does not open')
    }
    expect(() => box.open('', 'name')).toThrow('does not open')
  })
})

describe('the key file', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'weir-key-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  it('is made once, for its owner alone, also when two start at once', async () => {
    const file = join(folder, 'keys', 'secret.key')
    const boxes = await Promise.all([openSecretBox(file), openSecretBox(file), openSecretBox(file)])
    const sealed = boxes[0].seal('secret', 'n')
    for (const box of [...boxes, await openSecretBox(file)]) {
      expect(box.open(sealed, 'n')).toBe('secret')
    }
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect(Buffer.from(await readFile(file, 'ascii'), 'base64')).toHaveLength(32)
  })

  it('is not made anew where secrets are sealed with the one that is missing', async () => {
    const file = join(folder, 'secret.key')
    await expect(openSecretBox(file, { mayCreate: false })).rejects.toThrow('put it back')
    expect(await readdir(folder)).toEqual([])
  })

  it('is refused when others may read it or it holds no key', async () => {
    const file = join(folder, 'secret.key')
    await openSecretBox(file)
    await chmod(file, 0o640)
    await expect(openSecretBox(file)).rejects.toThrow('may be read by others')
    await chmod(file, 0o600)
    await writeFile(file, 'too short')
    await expect(openSecretBox(file)).rejects.toThrow('holds no key')
  })
})
