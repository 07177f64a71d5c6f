/** What every candidate's samples come to, and how they are printed. */

/** One candidate under one load. */
export interface Sample {
  /** Microseconds of CPU per request. */
  readonly user: number
  readonly system: number
  readonly perSecond: number
}

/** What one candidate costs. */
export interface Cost {
  /** What is compared. */
  readonly value: number
  readonly text: string
}

export interface Row {
  readonly title: string
  /** By candidate. Weir's is compared with each other one's. */
  readonly costs: ReadonlyMap<string, Cost>
  /** Requests per second, by candidate; none where no load was measured. */
  readonly speeds: ReadonlyMap<string, number>
}

/** @param samples by candidate, of all rounds */
export function loadRow(title: string, samples: ReadonlyMap<string, readonly Sample[]>): Row {
  const speeds = new Map<string, number>()
  const costs = new Map<string, Cost>()
  for (const [candidate, own] of samples) {
    const user = median(own.map((sample) => sample.user)).toFixed(1)
    const system = median(own.map((sample) => sample.system)).toFixed(1)
    const value = median(own.map((sample) => sample.user + sample.system))
    costs.set(candidate, { value, text: `${value.toFixed(1)} (${user} + ${system})` })
    speeds.set(candidate, median(own.map(({ perSecond }) => perSecond)))
  }
  return { title, costs, speeds }
}

/** @param bytes by candidate, of all rounds */
export function memoryRow(title: string, bytes: ReadonlyMap<string, readonly number[]>): Row {
  const costs = new Map<string, Cost>()
  for (const [candidate, own] of bytes) {
    const value = median(own)
    costs.set(candidate, { value, text: `${value.toFixed(0)} bytes` })
  }
  return { title, costs, speeds: new Map() }
}

/** @param candidates the columns; the first is compared with the others */
export function table(rows: readonly Row[], candidates: readonly string[]): string {
  const [own = '', ...others] = candidates
  const head = ['scenario', ...candidates, ...others.map((other) => `${own}/${other}`)]
  const lines = rows.map(({ title, costs }) => {
    const ratios = others.map((other) => ratio(costs.get(own), costs.get(other)))
    return [title, ...candidates.map((candidate) => costs.get(candidate)?.text ?? '–'), ...ratios]
  })
  return aligned([head, ...lines])
}

export function speeds(rows: readonly Row[], candidates: readonly string[]): string {
  const loaded = rows.filter((row) => row.speeds.size > 0)
  const lines = loaded.map((row) => [
    row.title,
    ...candidates.map((candidate) => row.speeds.get(candidate)?.toFixed(0) ?? '–'),
  ])
  return aligned([['requests/s, a side note', ...candidates], ...lines])
}

/** What each round of the second cost over the same of the first, by candidate: the median, and the least and the most. */
export function quotients(
  first: ReadonlyMap<string, readonly Sample[]>,
  second: ReadonlyMap<string, readonly Sample[]>,
): string {
  const parts = Array.from(second, ([candidate, samples]) => {
    const before = first.get(candidate) ?? []
    const each = samples.map((sample, i) => total(sample) / total(before[i]))
    const [middle, least, most] = [median(each), Math.min(...each), Math.max(...each)]
    return `${candidate} ${middle.toFixed(2)} (${least.toFixed(2)} to ${most.toFixed(2)})`
  })
  return parts.join(', ')
}

function total(sample: Sample | undefined): number {
  return sample === undefined ? Number.NaN : sample.user + sample.system
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}

function ratio(own: Cost | undefined, other: Cost | undefined): string {
  return own === undefined || other === undefined ? '–' : (own.value / other.value).toFixed(2)
}

function aligned(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  )
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
