/**
 * The last snapshot on the proxy's own disk, so that it starts and serves while control is absent. It has private keys in it, so it is
 * sealed: who has the file and not the key file can read nothing.
 */
import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { isSnapshot, type Snapshot } from '../snapshot/snapshot.ts'
import type { SecretBox } from '../std/secret-box.ts'

/** Raised when the snapshot's shape changes: a file of another format is not read. */
const format = 8

/** What the snapshot is sealed under. */
const sealName = 'proxy/snapshot'

/** Replaces the file as a whole: a crash leaves the old one or the new one. */
export async function saveSnapshot(
  path: string,
  snapshot: Snapshot,
  box: SecretBox,
): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const partial = `${path}.partial`
  const file = await open(partial, 'w', 0o600)
  try {
    const sealed = box.seal(JSON.stringify(snapshot), sealName)
    await file.writeFile(JSON.stringify({ format, sealed }))
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(partial, path)
}

/**
 * @param openBox is called when there is something to open
 * @returns undefined when there is no file, or none of this format. Throws when the file cannot be read, is damaged, or was sealed with
 *   another key.
 */
export async function loadSnapshot(
  path: string,
  openBox: () => Promise<SecretBox>,
): Promise<Snapshot | undefined> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  const saved = JSON.parse(text) as { format: number; sealed: unknown } | null
  if (saved !== null && saved.format !== format) return undefined
  if (typeof saved?.sealed !== 'string') throw new Error(`${path} holds no snapshot`)
  const snapshot: unknown = JSON.parse((await openBox()).open(saved.sealed, sealName))
  if (!isSnapshot(snapshot)) throw new Error(`${path} holds no snapshot`)
  return snapshot
}
