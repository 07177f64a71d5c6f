/** The last snapshot on the proxy's own disk, so that it starts and serves while control is absent. */
import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { isSnapshot, type Snapshot } from '../snapshot/snapshot.ts'

/** Raised when the snapshot's shape changes: a file of another format is not read. */
const format = 4

/** Replaces the file as a whole: a crash leaves the old one or the new one. */
export async function saveSnapshot(path: string, snapshot: Snapshot): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const partial = `${path}.partial`
  const file = await open(partial, 'w', 0o600)
  try {
    await file.writeFile(JSON.stringify({ format, snapshot }))
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(partial, path)
}

/** @returns undefined when there is none, or none of this format. Throws when the file cannot be read or is damaged. */
export async function loadSnapshot(path: string): Promise<Snapshot | undefined> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  const saved = JSON.parse(text) as { format: number; snapshot: unknown } | null
  if (saved !== null && saved.format !== format) return undefined
  if (!isSnapshot(saved?.snapshot)) throw new Error(`${path} holds no snapshot`)
  return saved.snapshot
}
