/**
 * The files in which a run of a proxy keeps what it has counted, until control has it. A folder a run, named by its process and its
 * source; in it, for each minute with its sequence number as the name,
 *   `SEQUENCE.open`   while the minute is under way: a line with the minute, then one for each second in which anything was counted
 *   `SEQUENCE.batch`  the whole minute
 * A process that was killed leaves both kinds behind.
 */
import { readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { FiguresBatch, NodeFigures } from '../../snapshot/figures.ts'
import { FiguresSum } from './figures-sum.ts'

/** Raised when the figures' shape changes: files of another format are given up. */
export const format = 1

export const openSuffix = '.open'
export const batchSuffix = '.batch'

export function folderName(identity: string, source: string): string {
  return `${identity}.${source}`
}

/** @returns undefined for what is no folder of a run */
export function parseFolderName(name: string): { identity: string; source: string } | undefined {
  const [identity, source, ...rest] = name.split('.')
  if (identity === undefined || source === undefined || rest.length > 0) return undefined
  return { identity, source }
}

/** What cannot be removed comes to control once more, and counts no second time there. */
export async function remove(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true }).catch(() => undefined)
}

/** A minute that control does not have yet. */
export interface WaitingBatch {
  readonly source: string
  readonly sequence: number
  /** To be removed when control has it. */
  readonly path: string
  /** On the disk. */
  readonly bytes: number
  /** Absent: it is read from the disk. */
  readonly kept?: FiguresBatch
}

/** What a run has left, the oldest first. */
export async function waitingIn(folder: string, source: string): Promise<WaitingBatch[]> {
  const names = new Set(await readdir(folder))
  const waiting: WaitingBatch[] = []
  for (const name of names) {
    const [, digits, suffix] = /^(\d+)(\.open|\.batch)$/.exec(name) ?? []
    if (digits === undefined) continue
    // It ended between writing the one and removing the other.
    if (suffix === openSuffix && names.has(digits + batchSuffix)) continue
    const path = join(folder, name)
    waiting.push({ source, sequence: Number(digits), path, bytes: (await stat(path)).size })
  }
  return waiting.sort((a, b) => a.sequence - b.sequence)
}

/** @throws Error when the file cannot be read, or is of another format. */
export async function readBatch(waiting: WaitingBatch): Promise<FiguresBatch> {
  const { source, sequence, path, kept } = waiting
  if (kept !== undefined) return kept
  // What was not written to its end has no line feed behind it.
  const lines = (await readFile(path, 'utf8')).split('\n').slice(0, -1)
  const [head = '{}', ...rest] = lines
  const { format: found, minute } = JSON.parse(head) as { format?: number; minute: number }
  if (found !== format) throw new Error(`${path} is of format ${found}, this is ${format}`)
  const sum = new FiguresSum()
  for (const line of rest) for (const one of JSON.parse(line) as NodeFigures[]) sum.add(one)
  return { source, sequence, minute, nodes: sum.take() }
}
