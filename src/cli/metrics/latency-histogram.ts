import {
  Histogram,
  type MetricObjectWithValues,
  type MetricType,
  type MetricValueWithName,
} from 'prom-client'
import { addLatencies, type Latencies, latencyBounds, noLatencies } from '../../std/latencies.ts'

export interface LatencyHistogramOptions<Label extends string> {
  readonly name: string
  readonly help: string
  readonly labelNames: readonly Label[]
}

type Labels<Label extends string> = Readonly<Record<Label, string>>
type Value<Label extends string> = MetricValueWithName<Label | 'le'>

/** The library declares an enumeration that it does not have at run time. */
const histogram = 'histogram' as unknown as MetricType

/** A histogram of latencies that others have counted: prom-client's own counts one observation at a time. */
export class LatencyHistogram<Label extends string> extends Histogram<Label | 'le'> {
  readonly #name: string
  readonly #described: Omit<MetricObjectWithValues<Value<Label>>, 'values'>
  readonly #series = new Map<string, { labels: Labels<Label>; latencies: Latencies }>()

  constructor({ name, help, labelNames }: LatencyHistogramOptions<Label>) {
    super({ name, help, labelNames, registers: [] })
    this.#name = name
    this.#described = { name, help, type: histogram, aggregator: 'sum', collect: () => undefined }
  }

  merge(labels: Labels<Label>, latencies: Latencies): void {
    const key = JSON.stringify(labels)
    const known = this.#series.get(key)?.latencies ?? noLatencies
    this.#series.set(key, { labels, latencies: addLatencies(known, latencies) })
  }

  /** What the registry, and `get` of the library, ask a histogram for. */
  async getForPromString(): Promise<MetricObjectWithValues<Value<Label>>> {
    const values = [...this.#series.values()].flatMap(({ labels, latencies }) =>
      this.#values(labels, latencies),
    )
    return { ...this.#described, values }
  }

  /** In the library's form: labels of the series apart from those of the value. */
  #values(sharedLabels: Labels<Label>, { count, sum, atMost }: Latencies): Value<Label>[] {
    const bounds = [...latencyBounds.map(String), '+Inf']
    const value = (suffix: string, value: number, labels: object) =>
      ({ value, labels, sharedLabels, metricName: `${this.#name}_${suffix}` }) as Value<Label>
    return [
      ...[...atMost, count].map((at, place) => value('bucket', at, { le: bounds[place] })),
      value('sum', sum, {}),
      value('count', count, {}),
    ]
  }
}
