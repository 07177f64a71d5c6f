/** Samples of all rounds, and how they are printed. */

/** One candidate under one load. */
export interface Sample {
  /** Microseconds of CPU per request. */
  readonly user: number
  readonly system: number
  readonly perSecond: number
}

export interface Row {
  readonly title: string
  /** By candidate. Weir's is compared with each other one's. */
  readonly samples: ReadonlyMap<string, readonly Sample[]>
}

/** @param candidates the columns; the first is compared with the others */
export function table(rows: readonly Row[], candidates: readonly string[]): string {
  const [own = '', ...others] = candidates
  const head = ['scenario', ...candidates, ...others.map((other) => `${own}/${other}`)]
  const lines = rows.map(({ title, samples }) => {
    const of = (candidate: string) => samples.get(candidate) ?? []
    const ratios = others.map((other) => ratio(of(own), of(other)))
    return [title, ...candidates.map((candidate) => cost(of(candidate))), ...ratios]
  })
  return aligned([head, ...lines])
}

export function speeds(rows: readonly Row[], candidates: readonly string[]): string {
  const lines = rows.map(({ title, samples }) => [
    title,
    ...candidates.map((candidate) => speed(samples.get(candidate) ?? [])),
  ])
  return aligned([['requests/s, a side note', ...candidates], ...lines])
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}

const total = ({ user, system }: Sample) => user + system

function cost(samples: readonly Sample[]): string {
  if (samples.length === 0) return '–'
  const user = median(samples.map((sample) => sample.user)).toFixed(1)
  const system = median(samples.map((sample) => sample.system)).toFixed(1)
  return `${median(samples.map(total)).toFixed(1)} (${user} + ${system})`
}

function ratio(own: readonly Sample[], other: readonly Sample[]): string {
  if (own.length === 0 || other.length === 0) return '–'
  return (median(own.map(total)) / median(other.map(total))).toFixed(2)
}

function speed(samples: readonly Sample[]): string {
  if (samples.length === 0) return '–'
  return median(samples.map(({ perSecond }) => perSecond)).toFixed(0)
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
