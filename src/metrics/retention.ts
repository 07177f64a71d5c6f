/**
 * How long points are kept, as CloudWatch does ("Metrics retention" of its user guide): minutes for 15 days, five minutes for 63 days,
 * hours for 455 days. And how much room they may take: the oldest go first.
 */
import type { DatabaseSync } from 'node:sqlite'
import { setImmediate } from 'node:timers/promises'
import { inTransaction } from '../std/sqlite-file.ts'
import type { PointTable } from './point-table.ts'
import type { SeriesTable } from './series-table.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

interface Stage {
  /** Of its points, in milliseconds. */
  readonly length: number
  /** In milliseconds. */
  readonly keptFor: number
  /** The length that its points then have; null: they are forgotten. */
  readonly next: number | null
}

const stages: readonly Stage[] = [
  { length: minute, keptFor: 15 * day, next: 5 * minute },
  { length: 5 * minute, keptFor: 63 * day, next: hour },
  { length: hour, keptFor: 455 * day, next: null },
]

export const pointLengths = stages.map(({ length }) => length)

/** So many series are tidied between two turns of the event loop. */
const seriesAtOnce = 50

/** Of the limit: what is left when room was made. */
const roomMade = 0.98

/** So much of the time that points cover is forgotten at once when there is no room. */
const forgottenAtOnce = 1 / 64

export class Retention {
  readonly #database: DatabaseSync
  readonly #series: SeriesTable
  readonly #points: PointTable
  readonly #maxPages: number

  constructor(database: DatabaseSync, series: SeriesTable, points: PointTable, maxBytes: number) {
    this.#database = database
    this.#series = series
    this.#points = points
    this.#maxPages = Math.floor(maxBytes / this.#pragma('page_size'))
  }

  /** Makes points coarser that are old enough, and forgets those that are too old, and series that have none. */
  async apply(now: number): Promise<void> {
    const ids = this.#series.ids()
    for (let at = 0; at < ids.length && this.#database.isOpen; at += seriesAtOnce) {
      inTransaction(this.#database, () => {
        for (const id of ids.slice(at, at + seriesAtOnce)) this.#applyTo(id, now)
      })
      await setImmediate()
    }
  }

  /** Forgets the oldest points when there are more than the limit lets be. */
  makeRoom(): void {
    if (this.#usedPages() <= this.#maxPages) return
    const ids = this.#series.ids()
    inTransaction(this.#database, () => {
      while (this.#usedPages() > this.#maxPages * roomMade && this.#forgetOldest(ids));
    })
  }

  #applyTo(id: number, now: number): void {
    for (const { length, keptFor, next } of stages) {
      const width = next ?? length
      const before = Math.floor((now - keptFor) / width) * width
      if (next === null) this.#points.delete(id, length, before)
      else this.#lengthen(id, length, next, before)
    }
    if (this.#points.ends(id) === null) this.#series.delete(id)
  }

  #lengthen(id: number, length: number, next: number, before: number): void {
    for (const point of this.#points.take(id, length, before)) {
      this.#points.add(id, next, { ...point, time: Math.floor(point.time / next) * next })
    }
  }

  /** @returns whether there was anything */
  #forgetOldest(ids: readonly number[]): boolean {
    const ends = ids.flatMap((id) => this.#points.ends(id) ?? [])
    if (ends.length === 0) return false
    const first = ends.reduce((least, end) => Math.min(least, end.first), Infinity)
    const last = ends.reduce((most, end) => Math.max(most, end.last), 0)
    const before = first + Math.max(hour, (last - first) * forgottenAtOnce)
    for (const id of ids) {
      for (const { length } of stages) this.#points.delete(id, length, before)
    }
    return true
  }

  #usedPages(): number {
    return this.#pragma('page_count') - this.#pragma('freelist_count')
  }

  #pragma(name: 'page_size' | 'page_count' | 'freelist_count'): number {
    return Number(this.#database.prepare(`PRAGMA ${name}`).get()?.[name])
  }
}
