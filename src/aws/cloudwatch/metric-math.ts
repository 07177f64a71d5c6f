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
  async seriesOf(query: Query): Promise<readonly TimeSeries[]> {
    try {
      const value = await this.#valueOf(query.id)
      if (isList(value)) return value
      if (isSeries(value)) return [{ ...value, label: labelOf(query, value) }]
      throw new ExpressionError('The result of the expression is no time series')
    } catch (error) {
      throw inExpression(query.id, error)
    }
  }

  async #valueOf(id: string): Promise<Value> {
    const query = this.#queries.get(id)
    if (query === undefined) throw new ExpressionError(`Unknown identifier ${id}`)
    const known = this.#values.get(id)
    if (known === null) throw new ExpressionError(`The expression refers to itself by ${id}`)
    if (known !== undefined) return known
    this.#values.set(id, null)
    const value =
      query.kind === 'statistic'
        ? await this.#statistic(query)
        : await this.#evaluate(query.expression)
    this.#values.set(id, value)
    return value
  }

  async #statistic({ metric, unit, period, statistic }: StatisticQuery): Promise<TimeSeries> {
    const series = this.#store
      .find({ region: this.#region, ...metric })
      .filter((one) => unit === undefined || one.unit === unit)
    const points = await statisticIn(this.#store, series, { ...this.#range, period }, statistic)
    return { label: metric.name, period, points }
  }

  async #evaluate(expression: Expression): Promise<Value> {
    switch (expression.kind) {
      case 'number':
      case 'string':
        return expression.value
      case 'reference':
        return isWord(expression.id) ? expression.id : this.#valueOf(expression.id)
      case 'list':
        return (await this.#evaluateAll(expression.items)).flatMap(seriesIn)
      case 'operation': {
        const { operator, left, right } = expression
        return operate(operator, await this.#evaluate(left), await this.#evaluate(right))
      }
      case 'call':
        return this.#call(expression.name, await this.#evaluateAll(expression.parameters))
    }
  }

  /** One after the other: a value that is being reckoned may be asked for by itself only. */
  async #evaluateAll(expressions: readonly Expression[]): Promise<Value[]> {
    const values: Value[] = []
    for (const one of expressions) values.push(await this.#evaluate(one))
    return values
  }

  async #call(name: string, parameters: readonly Value[]): Promise<Value> {
    if (name === 'METRICS') return this.#metrics(parameters)
    if (name === 'SEARCH') {
      return searchMetrics(this.#store, this.#region, parameters, this.#range)
    }
    const run = mathFunction(name)
    if (run === undefined) throw new ExpressionError(`Unsupported function '${name}'`)
    return run(parameters, this.#range)
  }

  /** All statistics of the request, or those whose id has a text in it. */
  async #metrics([part = '', ...rest]: readonly Value[]): Promise<TimeSeries[]> {
    if (typeof part !== 'string' || rest.length > 0) {
      throw new ExpressionError('METRICS takes one text')
    }
    const found: TimeSeries[] = []
    for (const { kind, id, label } of this.#queries.values()) {
      if (kind !== 'statistic' || !id.includes(part)) continue
      const value = await this.#valueOf(id)
      if (isSeries(value)) found.push({ ...value, label: label ?? value.label })
    }
    return found
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
