let second = Number.NaN
let secondText = ''

/**
 * ISO 8601 in UTC with microseconds: `2015-05-13T23:39:43.945958Z`. The text of the last second is kept: entries come in about the order of time.
 * @param time milliseconds since the epoch, with microseconds as fractions
 */
export function timestamp(time: number): string {
  const micros = Math.trunc(time * 1000)
  const now = Math.floor(micros / 1_000_000)
  if (now !== second) {
    second = now
    secondText = new Date(now * 1000).toISOString().slice(0, 'yyyy-mm-ddThh:mm:ss'.length)
  }
  return `${secondText}.${String(micros - now * 1_000_000).padStart(6, '0')}Z`
}
