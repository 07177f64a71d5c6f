import type { LogBuffer } from './log-buffer.ts'

const letterZ = 0x5a

let second = Number.NaN
let secondText = ''

/**
 * ISO 8601 in UTC with microseconds: `2015-05-13T23:39:43.945958Z`. The text of the last second is kept: entries come in about the order of time.
 * @param time milliseconds since the epoch, with microseconds as fractions
 */
export function timestamp(time: number): string {
  const micros = microsOf(time)
  return `${textOf(micros)}${String(micros % 1_000_000).padStart(6, '0')}Z`
}

/** As {@link timestamp}. */
export function writeTimestamp(to: LogBuffer, time: number): void {
  const micros = microsOf(time)
  to.text(textOf(micros))
  to.padded(micros - second * 1_000_000, 6)
  to.character(letterZ)
}

function microsOf(time: number): number {
  return Math.trunc(time * 1000)
}

/** Until the second, and a dot. */
function textOf(micros: number): string {
  const now = Math.floor(micros / 1_000_000)
  if (now !== second) {
    second = now
    secondText = `${new Date(now * 1000).toISOString().slice(0, 'yyyy-mm-ddThh:mm:ss'.length)}.`
  }
  return secondText
}
