import { ValueType } from '@opentelemetry/api'
import {
  AggregationTemporality,
  type DataPoint,
  DataPointType,
  type Histogram,
  type MetricData,
} from '@opentelemetry/sdk-metrics'
import type { MetricObjectWithValues, MetricValueWithName } from 'prom-client'

type Family = MetricObjectWithValues<MetricValueWithName<string>>
type Value = MetricValueWithName<string>

/** Milliseconds since the epoch: counters grow since the start. */
export interface Period {
  readonly startedAt: number
  readonly now: number
}

/** Prometheus' families as OpenTelemetry's metrics. */
export function otlpMetrics(families: readonly object[], period: Period): MetricData[] {
  return (families as readonly Family[]).map((family) => metricOf(family, period))
}

function metricOf({ name, help, type, values }: Family, period: Period): MetricData {
  const base = {
    descriptor: { name, description: help, unit: unitOf(name), valueType: ValueType.DOUBLE },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
  }
  switch (String(type)) {
    case 'counter':
      return {
        ...base,
        dataPointType: DataPointType.SUM,
        isMonotonic: true,
        dataPoints: values.map((each) => point(each, each.value, period)),
      }
    case 'histogram':
      return {
        ...base,
        dataPointType: DataPointType.HISTOGRAM,
        dataPoints: histograms(values, period),
      }
    default:
      return {
        ...base,
        dataPointType: DataPointType.GAUGE,
        dataPoints: values.map((each) => point(each, each.value, period)),
      }
  }
}

/** UCUM, as OpenTelemetry has units; Prometheus has them in names. */
function unitOf(name: string): string {
  if (/_seconds(_total)?$/.test(name)) return 's'
  return /_bytes(_total)?$/.test(name) ? 'By' : '1'
}

function point<T>(
  { labels }: Pick<Value, 'labels'>,
  value: T,
  { startedAt, now }: Period,
): DataPoint<T> {
  const attributes = Object.fromEntries(
    Object.entries(labels).map(([label, text]) => [label, String(text)]),
  )
  return { attributes, value, startTime: highResolution(startedAt), endTime: highResolution(now) }
}

function highResolution(milliseconds: number): [number, number] {
  return [Math.floor(milliseconds / 1000), Math.round((milliseconds % 1000) * 1e6)]
}

/** Prometheus' buckets have all that is at most their bound, OpenTelemetry's what is between it and the bound before. */
function histograms(values: readonly Value[], period: Period): DataPoint<Histogram>[] {
  const series = Map.groupBy(values, ({ labels: { le: _, ...labels } }) => JSON.stringify(labels))
  return [...series].map(([labels, parts]) => {
    const buckets = parts.filter(({ metricName }) => metricName?.endsWith('_bucket'))
    const bounds = buckets.map(({ labels: { le } }) => (le === '+Inf' ? Infinity : Number(le)))
    const part = (suffix: string) =>
      parts.find(({ metricName }) => metricName?.endsWith(suffix))?.value ?? 0
    const value: Histogram = {
      buckets: {
        boundaries: bounds.filter(Number.isFinite),
        counts: buckets.map(({ value: all }, i) => all - (buckets[i - 1]?.value ?? 0)),
      },
      sum: part('_sum'),
      count: part('_count'),
    }
    return point({ labels: JSON.parse(labels) }, value, period)
  })
}
