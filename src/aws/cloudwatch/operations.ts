import type { Operation } from '../wire/service.ts'
import { getMetricData } from './get-metric-data.ts'
import { getMetricStatistics } from './get-metric-statistics.ts'
import { listMetrics } from './list-metrics.ts'
import type { CloudWatchPorts } from './ports.ts'
import { putMetricData } from './put-metric-data.ts'

export function cloudWatchOperations(ports: CloudWatchPorts): Readonly<Record<string, Operation>> {
  return {
    GetMetricData: getMetricData(ports),
    GetMetricStatistics: getMetricStatistics(ports),
    ListMetrics: listMetrics(ports),
    PutMetricData: putMetricData(ports),
  }
}
