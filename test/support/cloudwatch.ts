import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CloudWatchClient,
  type Datapoint,
  GetMetricDataCommand,
  type GetMetricDataCommandInput,
  type GetMetricDataCommandOutput,
  GetMetricStatisticsCommand,
  type GetMetricStatisticsCommandInput,
  type MetricDatum,
  PutMetricDataCommand,
  type PutMetricDataCommandInput,
} from '@aws-sdk/client-cloudwatch'
import { onTestFinished } from 'vitest'
import { AlarmEvaluator } from '../../src/aws/cloudwatch/alarm-evaluator.ts'
import { createCloudWatchService } from '../../src/aws/cloudwatch/service.ts'
import { MetricStore } from '../../src/metrics/metric-store.ts'
import { createLogger } from '../../src/telemetry/logger.ts'
import { startApi, type TestApi } from './api.ts'
import { ManualClock } from './manual-clock.ts'

export const minute = 60_000
export const start = Date.parse('2026-01-01T00:00:00Z')

export const at = (minutes: number) => new Date(start + minutes * minute)

export interface TestCloudWatch {
  readonly api: TestApi
  readonly client: CloudWatchClient
  readonly clock: ManualClock
  readonly evaluator: AlarmEvaluator
  /** Of the namespace `Shop`. */
  put(data: MetricDatum[], others?: Partial<PutMetricDataCommandInput>): Promise<unknown>
  /** Of `Orders` in ten minutes from `start` on. */
  statistics(input: Partial<GetMetricStatisticsCommandInput>): Promise<Datapoint[]>
  data(input: Partial<GetMetricDataCommandInput>): Promise<GetMetricDataCommandOutput>
}

/** CloudWatch, ten minutes after `start`, and the SDK, which speaks CBOR. */
export async function startCloudWatch({
  customMetrics = 1000,
  alarms = 10,
} = {}): Promise<TestCloudWatch> {
  const folder = mkdtempSync(join(tmpdir(), 'weir-cloudwatch-'))
  const clock = new ManualClock(start + 10 * minute)
  const metrics = MetricStore.open({ path: join(folder, 'metrics.db'), maxBytes: 2 ** 30, clock })
  const service = createCloudWatchService({ metrics, quotas: { customMetrics, alarms } })
  const api = await startApi({ services: [service], clock })
  const logger = createLogger('silent')
  const evaluator = new AlarmEvaluator({ store: api.store, metrics, clock, logger })
  const client = new CloudWatchClient({
    endpoint: api.url,
    region: 'us-west-2',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  })
  onTestFinished(async () => {
    client.destroy()
    await evaluator[Symbol.asyncDispose]()
    await api[Symbol.asyncDispose]()
    metrics[Symbol.dispose]()
    rmSync(folder, { recursive: true })
  })
  return {
    api,
    client,
    clock,
    evaluator,
    put: (data, others = {}) =>
      client.send(new PutMetricDataCommand({ Namespace: 'Shop', MetricData: data, ...others })),
    async statistics(input) {
      const asked = { Namespace: 'Shop', MetricName: 'Orders', StartTime: at(0), EndTime: at(10) }
      const command = new GetMetricStatisticsCommand({ ...asked, Period: 60, ...input })
      return (await client.send(command)).Datapoints ?? []
    },
    data: (input) =>
      client.send(
        new GetMetricDataCommand({
          MetricDataQueries: [],
          StartTime: at(0),
          EndTime: at(10),
          ScanBy: 'TimestampAscending',
          ...input,
        }),
      ),
  }
}
