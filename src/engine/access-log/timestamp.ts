import { bytesOf, putBytes, putPadded } from './put.ts'

const letterZ = 0x5a

let second = Number.NaN
let secondText = ''
let secondBytes = bytesOf('')

/**
 * ISO 8601 in UTC with microseconds: `2015-05-13T23:39:43.945958Z`. The text of the last second is kept: entries come in about the order of time.
 * @param time milliseconds since the epoch, with microseconds as fractions
 */
export function timestamp(time: number): string {
  const micros = microsOf(time)
  lookAt(micros)
  return `${secondText}${String(micros % 1_000_000).padStart(6, '0')}Z`
}

/** As {@link timestamp}. */
export function putTimestamp(bytes: Buffer, at: number, time: number): number {
  const micros = microsOf(time)
  lookAt(micros)
  const behindDot = putBytes(bytes, at, secondBytes)
  const end = putPadded(bytes, behindDot, micros - second * 1_000_000, 6)
  bytes[end] = letterZ
  return end + 1
}

function microsOf(time: number): number {
  return Math.trunc(time * 1000)
}

/** Makes the text until the second, and a dot. */
function lookAt(micros: number): void {
  const now = Math.floor(micros / 1_000_000)
  if (now === second) return
  second = now
  secondText = `${new Date(now * 1000).toISOString().slice(0, 'yyyy-mm-ddThh:mm:ss'.length)}.`
  secondBytes = bytesOf(secondText)
}
