/** Lines of access log as the guide has them (p. 98–101), written in pieces of 64 KB. */
import { openSync, writeSync } from 'node:fs'
import { exchangeEntry } from '../src/engine/access-log/entry.ts'
import type { ExchangeReport, Observer } from '../src/engine/observer.ts'

const pieceLength = 65_536

export class AccessLog implements Observer {
  readonly #file: number
  readonly #listeners: ReadonlySet<string>
  #lines = ''

  /** @param listeners whose requests are logged */
  constructor(path: string, listeners: readonly string[]) {
    this.#file = openSync(path, 'a')
    this.#listeners = new Set(listeners)
  }

  exchangeEnded(report: ExchangeReport): void {
    if (!this.#listeners.has(report.listener)) return
    this.#lines += exchangeEntry(report.loadBalancer, report)
    if (this.#lines.length < pieceLength) return
    writeSync(this.#file, this.#lines, null, 'latin1')
    this.#lines = ''
  }

  connectionEnded(): void {
    // Only requests are logged here.
  }
}
