import type { MetricStore } from '../../metrics/metric-store.ts'
import { type Expression, ExpressionError } from './expression-parser.ts'
import { type Grid, mathFunction } from './math-functions.ts'
import { inExpression, type Query, type StatisticQuery } from './metric-queries.ts'
import { searchMetrics } from './metric-search.ts'
import { statisticIn } from './statistic.ts'
import { isList, isSeries, operate, type TimeSeries, type Value } from './time-series.ts'

/** Evaluates queries of one request over one range of time; each query once, however often others refer to it. */
export class MetricMath {
  readonly #store: MetricStore
  readonly #region: string
  readonly #queries: ReadonlyMap<string, Query>
  readonly #range: Grid
  /** Null while a value is being reckoned: who meets that refers to itself. */
  readonly #values = new Map<string, Value | null>()

  constructor(
    store: MetricStore,
    region: string,
    queries: ReadonlyMap<string, Query>,
    range: Grid,
  ) {
    this.#store = store
    this.#region = region
    this.#queries = queries
    this.#range = range
  }

  /** The series of a query: a search, or an expression over several series, can have any number. @throws ApiError ValidationError */
  seriesOf(query: Query): readonly TimeSeries[] {
    const value = inExpression(query.id, () => this.#valueOf(query.id))
    if (isList(value)) return value
    if (isSeries(value)) return [{ ...value, label: labelOf(query, value) }]
    return inExpression(query.id, () => {
      throw new ExpressionError('The result of the expression is no time series')
    })
  }

  #valueOf(id: string): Value {
    const query = this.#queries.get(id)
    if (query === undefined) throw new ExpressionError(`Unknown identifier ${id}`)
    const known = this.#values.get(id)
    if (known === null) throw new ExpressionError(`The expression refers to itself by ${id}`)
    if (known !== undefined) return known
    this.#values.set(id, null)
    const value =
      query.kind === 'statistic' ? this.#statistic(query) : this.#evaluate(query.expression)
    this.#values.set(id, value)
    return value
  }

  #statistic({ metric, unit, period, statistic }: StatisticQuery): TimeSeries {
    const series = this.#store
      .find({ region: this.#region, ...metric })
      .filter((one) => unit === undefined || one.unit === unit)
    const points = statisticIn(this.#store, series, { ...this.#range, period }, statistic)
    return { label: metric.name, period, points }
  }

  #evaluate(expression: Expression): Value {
    switch (expression.kind) {
      case 'number':
      case 'string':
        return expression.value
      case 'reference':
        return isWord(expression.id) ? expression.id : this.#valueOf(expression.id)
      case 'list':
        return expression.items.flatMap((item) => seriesIn(this.#evaluate(item)))
      case 'operation': {
        const { operator, left, right } = expression
        return operate(operator, this.#evaluate(left), this.#evaluate(right))
      }
      case 'call':
        return this.#call(
          expression.name,
          expression.parameters.map((one) => this.#evaluate(one)),
        )
    }
  }

  #call(name: string, parameters: readonly Value[]): Value {
    if (name === 'METRICS') return this.#metrics(parameters)
    if (name === 'SEARCH') {
      return searchMetrics(this.#store, this.#region, parameters, this.#range)
    }
    const run = mathFunction(name)
    if (run === undefined) throw new ExpressionError(`Unsupported function '${name}'`)
    return run(parameters, this.#range)
  }

  /** All statistics of the request, or those whose id has a text in it. */
  #metrics([part = '', ...rest]: readonly Value[]): TimeSeries[] {
    if (typeof part !== 'string' || rest.length > 0) {
      throw new ExpressionError('METRICS takes one text')
    }
    return [...this.#queries.values()]
      .filter(({ kind, id }) => kind === 'statistic' && id.includes(part))
      .flatMap(({ id, label }) => {
        const value = this.#valueOf(id)
        return isSeries(value) ? [{ ...value, label: label ?? value.label }] : []
      })
  }
}

/** Words that FILL takes stand without quotes; ids of queries begin with a small letter. */
function isWord(id: string): boolean {
  return id === 'REPEAT' || id === 'LINEAR'
}

function seriesIn(value: Value): readonly TimeSeries[] {
  if (isList(value)) return value
  if (isSeries(value)) return [value]
  throw new ExpressionError('An array can have time series only')
}

function labelOf({ id, label, kind }: Query, value: TimeSeries): string {
  return label ?? (kind === 'statistic' ? value.label : id)
}
