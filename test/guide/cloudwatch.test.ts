/** "CloudWatch metrics for your Classic Load Balancer" (pages 89–96) by the AWS CLI: what consoles do there, as commands. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect } from 'vitest'
import { Histogram } from '../../src/metrics/histogram.ts'
import { MetricStore } from '../../src/metrics/metric-store.ts'
import { systemClock } from '../../src/std/clock.ts'
import { AwsCli, testWithAwsCli } from '../support/aws-cli.ts'
import { Weir } from '../support/weir.ts'

const running = new AsyncDisposableStack()
let weir: Weir
let folder: string

/** The minute that was ten minutes ago. */
const minute = Math.floor(Date.now() / 60_000 - 10) * 60_000
const time = (minutes: number) => new Date(minute + minutes * 60_000).toISOString()

/** As the load balancer's nodes have reported: 100 requests, two of them slow; and two nodes with 2 to 10 and 1 to 5 healthy instances. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weir-guide-'))
  running.defer(() => rm(folder, { recursive: true }))
  const data = join(folder, 'data')
  {
    const path = join(data, 'metrics.db')
    using store = MetricStore.open({ path, maxBytes: 2 ** 30, clock: systemClock })
    const latencies: number[] = [...Array(98).fill(0.002), 0.2, 0.2]
    const histogram = new Histogram()
    for (const latency of latencies) histogram.accept(latency)
    const ofLoadBalancer = { name: 'LoadBalancerName', value: 'my-loadbalancer' }
    const ofZone = { name: 'AvailabilityZone', value: 'us-west-2a' }
    store.addOnce(
      [[ofLoadBalancer], [ofZone], [ofLoadBalancer, ofZone], []].flatMap((dimensions) => {
        const place = { region: 'us-west-2', namespace: 'AWS/ELB', dimensions, minute }
        return [
          {
            ...place,
            name: 'Latency',
            unit: 'Seconds',
            count: 100,
            sum: latencies.reduce((sum, latency) => sum + latency),
            minimum: 0.002,
            maximum: 0.2,
            sketch: histogram.serialise(),
          },
          {
            ...place,
            name: 'RequestCount',
            unit: 'Count',
            count: 100,
            sum: 100,
            minimum: 1,
            maximum: 1,
          },
          {
            ...place,
            name: 'HealthyHostCount',
            unit: 'Count',
            count: 3,
            sum: 18,
            minimum: 2,
            maximum: 10,
          },
          {
            ...place,
            name: 'HealthyHostCount',
            unit: 'Count',
            count: 6,
            sum: 18,
            minimum: 1,
            maximum: 5,
          },
        ]
      }),
    )
  }
  weir = running.use(await Weir.start({ dev: false, args: ['--data', data, '--auth', 'none'] }))
})

afterAll(() => running.disposeAsync())

const statistics = `aws cloudwatch get-metric-statistics --namespace AWS/ELB --period 60 --start-time ${time(0)} --end-time ${time(10)} --dimensions Name=LoadBalancerName,Value=my-loadbalancer`

testWithAwsCli('view metrics: what there is, by dimension (95, 96)', async (program) => {
  const aws = new AwsCli(weir, program, folder)
  const list = 'aws cloudwatch list-metrics --namespace AWS/ELB'
  const dimensions = async (filter: string) =>
    aws.json(`${list} --metric-name Latency ${filter} --query 'Metrics[].Dimensions'`)
  const loadBalancer = { Name: 'LoadBalancerName', Value: 'my-loadbalancer' }
  const zone = { Name: 'AvailabilityZone', Value: 'us-west-2a' }
  expect(await dimensions('')).toEqual(
    expect.arrayContaining([[], [zone], [loadBalancer], [zone, loadBalancer]]),
  )
  expect(await dimensions('--dimensions Name=LoadBalancerName,Value=my-loadbalancer')).toHaveLength(
    2,
  )
  expect(await dimensions('--dimensions Name=AvailabilityZone')).toHaveLength(2)
  expect(await aws.json(`${list} --metric-name RequestCount --query 'length(Metrics)'`)).toBe(4)
})

testWithAwsCli('statistics, percentiles with two decimals among them (94, 95)', async (program) => {
  const aws = new AwsCli(weir, program, folder)
  const point = async (options: string) =>
    (await aws.json(`${statistics} ${options} --query 'Datapoints[0]'`)) as Record<string, unknown>
  expect(
    await point('--metric-name RequestCount --statistics Sum Average Minimum Maximum'),
  ).toMatchObject({
    Sum: 100,
    Average: 1,
    Minimum: 1,
    Maximum: 1,
    Unit: 'Count',
  })
  // "Minimum of 1, Maximum of 10, Average of about 4"
  expect(
    await point('--metric-name HealthyHostCount --statistics Minimum Maximum Average'),
  ).toMatchObject({
    Minimum: 1,
    Maximum: 10,
    Average: 4,
  })
  const { ExtendedStatistics } = await point(
    '--metric-name Latency --extended-statistics p95.45 p99',
  )
  const { 'p95.45': usual = 0, p99: slow = 0 } = ExtendedStatistics as Record<string, number>
  expect(usual).toBeCloseTo(0.002, 4)
  expect(Math.abs(slow - 0.2)).toBeLessThanOrEqual(0.002)
  const wrong = await aws.run(
    `${statistics} --metric-name Latency --statistics Average --period 90`,
  )
  expect(wrong.stderr).toContain(
    '(InvalidParameterValue) when calling the GetMetricStatistics operation: The parameter Period must be',
  )
})

testWithAwsCli('data of several metrics and metric math', async (program) => {
  const aws = new AwsCli(weir, program, folder)
  const stat = (MetricName: string, Stat: string) => ({
    Metric: {
      Namespace: 'AWS/ELB',
      MetricName,
      Dimensions: [{ Name: 'LoadBalancerName', Value: 'my-loadbalancer' }],
    },
    Period: 60,
    Stat,
  })
  const queries = [
    { Id: 'requests', MetricStat: stat('RequestCount', 'Sum'), ReturnData: false },
    { Id: 'rate', Expression: 'requests / PERIOD(requests)', Label: 'Requests a second' },
    { Id: 'slowest', MetricStat: stat('Latency', 'Maximum') },
  ]
  const { MetricDataResults } = (await aws.json(
    `aws cloudwatch get-metric-data --start-time ${time(0)} --end-time ${time(10)} --metric-data-queries '${JSON.stringify(queries)}'`,
  )) as { MetricDataResults: unknown }
  expect(MetricDataResults).toMatchObject([
    { Id: 'rate', Label: 'Requests a second', Values: [100 / 60], StatusCode: 'Complete' },
    { Id: 'slowest', Label: 'Latency', Values: [0.2] },
  ])
})

testWithAwsCli('users have metrics of their own', async (program) => {
  const aws = new AwsCli(weir, program, folder)
  const namespace = `Shop${program.length}`
  await aws.text(
    `aws cloudwatch put-metric-data --namespace ${namespace} --metric-name Orders --unit Count --value 1.5 --dimensions Shop=one`,
  )
  await aws.text(
    `aws cloudwatch put-metric-data --namespace ${namespace} --metric-data '[{"MetricName":"Orders","Values":[0.5,2],"Counts":[3,1],"Unit":"Count","Dimensions":[{"Name":"Shop","Value":"one"}]}]'`,
  )
  const sum = await aws.json(
    `aws cloudwatch get-metric-statistics --namespace ${namespace} --metric-name Orders --dimensions Name=Shop,Value=one --period 3600 --start-time ${time(0)} --end-time ${time(60)} --statistics Sum SampleCount --query 'Datapoints[].[Sum,SampleCount]'`,
  )
  expect(sum).toEqual([[5, 5]])
})

testWithAwsCli('create an alarm for your load balancer (96)', async (program) => {
  const aws = new AwsCli(weir, program, folder)
  const name = `awselb-my-loadbalancer-High-Latency-${program.length}`
  const topic = (await aws.json('aws sns create-topic --name my-topic --query TopicArn')) as string
  const alarm = async () =>
    aws.json(`aws cloudwatch describe-alarms --alarm-names ${name} --query 'MetricAlarms[0]'`)
  await aws.text(
    `aws cloudwatch put-metric-alarm --alarm-name ${name} --alarm-actions ${topic} --metric-name Latency --namespace AWS/ELB --statistic Average --dimensions Name=LoadBalancerName,Value=my-loadbalancer --comparison-operator GreaterThanThreshold --threshold 120 --evaluation-periods 1 --period 300`,
  )
  expect(await alarm()).toMatchObject({
    AlarmName: name,
    AlarmArn: `arn:aws:cloudwatch:us-west-2:123456789012:alarm:${name}`,
    ActionsEnabled: true,
    AlarmActions: [topic],
    MetricName: 'Latency',
    Namespace: 'AWS/ELB',
    Statistic: 'Average',
    Dimensions: [{ Name: 'LoadBalancerName', Value: 'my-loadbalancer' }],
    Period: 300,
    EvaluationPeriods: 1,
    Threshold: 120,
    ComparisonOperator: 'GreaterThanThreshold',
  })
  await aws.text(
    `aws cloudwatch set-alarm-state --alarm-name ${name} --state-value ALARM --state-reason 'testing purposes'`,
  )
  const forMetric = await aws.json(
    `aws cloudwatch describe-alarms-for-metric --metric-name Latency --namespace AWS/ELB --dimensions Name=LoadBalancerName,Value=my-loadbalancer --query 'MetricAlarms[].AlarmName'`,
  )
  expect(forMetric).toContain(name)
  // By now the data may have put it back to OK.
  const history = (await aws.json(
    `aws cloudwatch describe-alarm-history --alarm-name ${name} --query 'AlarmHistoryItems[].[HistorySummary,HistoryData]'`,
  )) as [string, string][]
  const [, change] = history.find(([summary]) => summary.endsWith('to ALARM')) ?? []
  expect(JSON.parse(change ?? '').newState).toMatchObject({ stateReason: 'testing purposes' })
  expect(history.map(([summary]) => summary)).toContain(`Successfully executed action ${topic}`)
  await aws.text(`aws cloudwatch disable-alarm-actions --alarm-names ${name}`)
  expect(await alarm()).toMatchObject({ ActionsEnabled: false })
  await aws.text(`aws cloudwatch delete-alarms --alarm-names ${name}`)
  expect(await alarm()).toBeNull()
  const gone = await aws.run(`aws cloudwatch delete-alarms --alarm-names ${name}`)
  expect(gone.stderr).toContain('(ResourceNotFound)')
})
