import type { MetricStore } from '../../metrics/metric-store.ts'

export interface CloudWatchPorts {
  readonly metrics: MetricStore
  readonly quotas: {
    /** Metrics that PutMetricData may make, in all regions together. */
    readonly customMetrics: number
    /** Alarms of a region. */
    readonly alarms: number
  }
}
