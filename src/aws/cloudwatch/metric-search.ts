/**
 * SEARCH of metric math, as far as consoles use it: `{Namespace, Dimension, …}` names metrics with exactly these dimensions; after it,
 * each word has to be in a part of the metric's name, and `Name="value"` has to be one. ("Using search expressions" of the user guide.)
 */
import { setImmediate as turn } from 'node:timers/promises'
import type { MetricStore } from '../../metrics/metric-store.ts'
import type { Series } from '../../metrics/series-table.ts'
import { ExpressionError } from './expression-parser.ts'
import type { Grid } from './math-functions.ts'
import { readStatistic, statisticIn } from './statistic.ts'
import type { TimeSeries, Value } from './time-series.ts'

/** "A search expression can return up to 500 time series" in a request. */
const maxFound = 500

const defaultPeriod = 300

/** Of stored points that a search may have to read. */
const maxMinutes = 5_000_000

export async function searchMetrics(
  store: MetricStore,
  region: string,
  [text, stat, seconds = defaultPeriod, ...rest]: readonly Value[],
  range: Grid,
): Promise<TimeSeries[]> {
  const statistic = typeof stat === 'string' ? readStatistic(stat) : null
  if (typeof text !== 'string' || statistic === null || rest.length > 0) {
    throw new ExpressionError('SEARCH needs a text and a statistic, and may have a period')
  }
  if (typeof seconds !== 'number' || seconds < 1 || seconds % 60 !== 0) {
    throw new ExpressionError('The period of SEARCH must be a multiple of 60')
  }
  const search = readSearch(text)
  const period = seconds * 1000
  const found = store
    .list(region, search.namespace)
    .filter((series) => matches(series, search))
    .slice(0, maxFound)
  if ((found.length * (range.to - range.from)) / 60_000 > maxMinutes) {
    throw new ExpressionError(`SEARCH found ${found.length} metrics: too many for so long a time`)
  }
  const results: TimeSeries[] = []
  for (const series of found) {
    const label = [...series.dimensions.map(({ value }) => value), series.name].join(' ')
    const points = await statisticIn(store, [series], { ...range, period }, statistic)
    results.push({ label, period, points })
    await turn()
  }
  return results
}

interface Search {
  readonly namespace: string | undefined
  /** Names of dimensions, sorted; undefined: any. */
  readonly dimensions: readonly string[] | undefined
  readonly terms: readonly Term[]
}

interface Term {
  /** `MetricName`, `Namespace` or a dimension; undefined: any of them. */
  readonly property: string | undefined
  readonly value: string
  /** In quotes: the whole value. */
  readonly exact: boolean
}

function readSearch(text: string): Search {
  const [, schema, rest = ''] = /^\s*(?:\{([^}]*)\})?(.*)$/s.exec(text) ?? []
  const [namespace, ...dimensions] = schema?.split(',').map(unquoted) ?? []
  return {
    namespace,
    dimensions: schema === undefined ? undefined : dimensions.sort(),
    terms: [...rest.matchAll(/(?:([\w.-]+)\s*=\s*)?(?:"([^"]*)"|([^\s"()]+))|[()]/g)].map(toTerm),
  }
}

function toTerm([whole, property, quoted, word]: RegExpMatchArray): Term {
  const value = quoted ?? word
  if (value === undefined || (quoted === undefined && ['OR', 'NOT'].includes(value))) {
    throw new ExpressionError(`SEARCH does not take '${whole}' here: words are joined by AND only`)
  }
  return { property, value, exact: quoted !== undefined }
}

function unquoted(text: string): string {
  return text.trim().replace(/^"(.*)"$/, '$1')
}

function matches(series: Series, { dimensions, terms }: Search): boolean {
  const names = series.dimensions.map(({ name }) => name).sort()
  if (dimensions !== undefined && names.join('\n') !== dimensions.join('\n')) return false
  return terms.every((term) => term.value === 'AND' || fits(series, term))
}

function fits(series: Series, { property, value, exact }: Term): boolean {
  const parts: [name: string, value: string][] = [
    ['Namespace', series.namespace],
    ['MetricName', series.name],
    ...series.dimensions.map((one): [string, string] => [one.name, one.value]),
  ]
  const wanted = value.toLowerCase()
  return parts
    .filter(([name]) => property === undefined || name === property)
    .some(([, part]) => (exact ? part === value : part.toLowerCase().includes(wanted)))
}
