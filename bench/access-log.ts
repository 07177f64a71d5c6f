/** Lines of access log as the guide has them (p. 98–101), written in pieces of 64 KB. */
import { openSync, writeSync } from 'node:fs'
import type { ExchangeReport, Observer } from '../src/engine/observer.ts'

const pieceLength = 65_536

export class AccessLog implements Observer {
  readonly #file: number
  readonly #listeners: ReadonlySet<string>
  #lines = ''
  #millisecond = 0
  #timestamp = ''

  /** @param listeners whose requests are logged */
  constructor(path: string, listeners: readonly string[]) {
    this.#file = openSync(path, 'a')
    this.#listeners = new Set(listeners)
  }

  exchangeEnded(report: ExchangeReport): void {
    if (!this.#listeners.has(report.listener)) return
    this.#lines += `${this.#time(report.time)} ${lineOf(report)}`
    if (this.#lines.length < pieceLength) return
    writeSync(this.#file, this.#lines, null, 'latin1')
    this.#lines = ''
  }

  connectionEnded(): void {
    // Only requests are logged here.
  }

  #time(time: number): string {
    const millisecond = Math.trunc(time)
    if (millisecond !== this.#millisecond) {
      this.#millisecond = millisecond
      this.#timestamp = new Date(millisecond).toISOString().slice(0, -1)
    }
    const micros = Math.trunc((time - millisecond) * 1000)
    return `${this.#timestamp}${String(micros).padStart(3, '0')}Z`
  }
}

function lineOf(report: ExchangeReport): string {
  const { client, target, fields } = report
  const host = fieldValue(fields, '\r\nHost: ')
  const agent = fieldValue(fields, '\r\nUser-Agent: ')
  const to = target === null ? '-' : `${target.host}:${target.port}`
  const times = `${seconds(report.receivedAt, report.sentAt)} ${seconds(report.sentAt, report.answeredAt)} ${seconds(report.answeredAt, report.respondedAt)}`
  const sizes = `${report.status} ${report.targetStatus} ${report.receivedBytes} ${report.sentBytes}`
  const request = `${report.method} http://${host}${report.requestTarget} HTTP/${report.version}`
  return `${report.loadBalancer} ${client.address}:${client.port} ${to} ${times} ${sizes} "${request}" "${agent}" - -\n`
}

function seconds(from: number, to: number): string {
  return from < 0 || to < 0 ? '-1' : ((to - from) / 1000).toFixed(6)
}

/** Of a field as the load generator writes it. */
function fieldValue(fields: string, name: string): string {
  const at = fields.indexOf(name)
  if (at < 0) return '-'
  const start = at + name.length
  return fields.slice(start, fields.indexOf('\r', start))
}
