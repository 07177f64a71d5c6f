/** What is done with files in several places. */
import { randomUUID } from 'node:crypto'
import type { BigIntStats, Dirent } from 'node:fs'
import { lstat, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'

export function errorCode(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code
}

/** Undefined for what is not there. */
export async function ifThere<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return undefined
    throw error
  }
}

export function statsOf(path: string): Promise<BigIntStats | undefined> {
  return ifThere(lstat(path, { bigint: true }))
}

/** Nothing for a folder that is not there. */
export async function entriesOf(folder: string): Promise<Dirent[]> {
  return (await ifThere(readdir(folder, { withFileTypes: true }))) ?? []
}

export async function readJson<T>(path: string): Promise<T | undefined> {
  const text = await ifThere(readFile(path, 'utf8'))
  return text === undefined ? undefined : (JSON.parse(text) as T)
}

/** Writes the whole text or nothing, durably; makes the folder. */
export async function writeJson(path: string, value: unknown): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const temporary = join(dirname(path), `.${randomUUID()}`)
  try {
    await writeDurably(temporary, JSON.stringify(value))
    await rename(temporary, path)
  } finally {
    await rm(temporary, { force: true })
  }
}

export async function writeDurably(path: string, content: string | Uint8Array): Promise<void> {
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
}
