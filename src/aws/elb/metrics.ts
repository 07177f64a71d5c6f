/** What nodes have counted as the metrics of the namespace AWS/ELB (guide, p. 90–95). */
import { Histogram } from '../../metrics/histogram.ts'
import type { Dimension, MetricDatum, SeriesName, Statistics } from '../../metrics/metric-datum.ts'
import type { FiguresBatch, NodeCount, NodeFigures, NodeState } from '../../snapshot/figures.ts'
import type { Samples } from '../../std/distribution.ts'
import { loadBalancerOf } from './records.ts'

export const elbNamespace = 'AWS/ELB'

/** Samples of one metric at one node. `bins`, of {@link Samples}, is absent when all samples are equal. */
type Reading = Statistics & Partial<Pick<Samples, 'bins'>>

/** Each one that was counted is a sample: "Minimum, Maximum, and Average all return 1". */
const eachASample: readonly (readonly [metric: string, count: NodeCount])[] = [
  ['RequestCount', 'routed'],
  ['HTTPCode_Backend_2XX', 'target2xx'],
  ['HTTPCode_Backend_3XX', 'target3xx'],
  ['HTTPCode_Backend_4XX', 'target4xx'],
  ['HTTPCode_Backend_5XX', 'target5xx'],
  ['HTTPCode_ELB_4XX', 'engine4xx'],
  ['HTTPCode_ELB_5XX', 'engine5xx'],
  ['DesyncMitigationMode_NonCompliantRequests', 'nonCompliantRequests'],
]

/** What a node counted in a minute is one sample: Average, Minimum and Maximum "are reported per load balancer node". */
const eachNodeASample: readonly (readonly [metric: string, count: NodeCount, unit: string])[] = [
  ['BackendConnectionErrors', 'targetConnectErrors', 'Count'],
  ['SpilloverCount', 'spillovers', 'Count'],
  ['EstimatedALBNewConnections', 'newConnections', 'Count'],
  ['EstimatedProcessedBytes', 'bytes', 'Bytes'],
]

/**
 * In an order that is the same for the same batch: first what load balancers have to themselves, then what they share. Nodes of load balancers
 * that are not ours have none.
 */
export function* elbMetrics({ minute, nodes }: FiguresBatch): Generator<MetricDatum> {
  const shared = new SeriesReadings()
  for (const [identity, own] of Map.groupBy(nodes, ({ loadBalancer }) => loadBalancer)) {
    const named = loadBalancerOf(identity)
    if (named === undefined) continue
    const ofOne = new SeriesReadings()
    for (const node of own) addNode(new NodeSeries(ofOne, shared, named, node.zone), node)
    yield* ofOne.data(minute)
  }
  yield* shared.data(minute)
}

function addNode(series: NodeSeries, { counts, latency, surgeQueue, state }: NodeFigures): void {
  for (const [metric, count] of eachASample) {
    const times = counts[count]
    if (times !== undefined) series.add(metric, 'Count', repeated(1, times))
  }
  for (const [metric, count, unit] of eachNodeASample) {
    const sum = counts[count]
    if (sum !== undefined) series.add(metric, unit, repeated(sum, 1))
  }
  if (latency !== undefined) series.add('Latency', 'Seconds', latency)
  if (surgeQueue !== undefined) series.add('SurgeQueueLength', 'Count', surgeQueue)
  if (state !== undefined) addState(series, state)
  const units = capacityUnits(counts, state)
  if (units > 0) series.add('EstimatedALBConsumedLCUs', 'Count', repeated(units, 1))
}

/** Of a load balancer, hosts are counted across zones where traffic is (guide, p. 91, HealthyHostCount); of a zone, those in it. */
function addState(series: NodeSeries, { openConnections, targets }: NodeState): void {
  if (openConnections > 0) {
    series.add('EstimatedALBActiveConnections', 'Count', repeated(openConnections, 1))
  }
  if (targets === undefined) return
  const { inZone, inReach } = targets
  series.add('HealthyHostCount', 'Count', repeated(inZone.healthy, 1), repeated(inReach.healthy, 1))
  series.add(
    'UnHealthyHostCount',
    'Count',
    repeated(inZone.unhealthy, 1),
    repeated(inReach.unhealthy, 1),
  )
}

function repeated(value: number, count: number): Reading {
  return { count, sum: value * count, minimum: value, maximum: value }
}

/**
 * What one capacity unit of an Application Load Balancer carries ("Elastic Load Balancing pricing"): new connections in a minute,
 * connections, bytes in a minute. Whichever takes the most units counts. Its fourth measure, rules, is free for the one default rule.
 */
const unit = { newConnections: 25 * 60, openConnections: 3000, bytes: 1e9 / 60 }

function capacityUnits(counts: NodeFigures['counts'], state: NodeState | undefined): number {
  return Math.max(
    (counts.newConnections ?? 0) / unit.newConnections,
    (state?.openConnections ?? 0) / unit.openConnections,
    (counts.bytes ?? 0) / unit.bytes,
  )
}

/** The series that one node adds to: with its load balancer, its zone, both, and neither (guide, p. 94). */
class NodeSeries {
  /** Those of its load balancer alone, and those of several. */
  readonly #own: SeriesReadings
  readonly #shared: SeriesReadings
  readonly #region: string
  readonly #loadBalancer: Dimension
  readonly #zone: Dimension

  constructor(
    own: SeriesReadings,
    shared: SeriesReadings,
    { region, name }: { region: string; name: string },
    zone: string,
  ) {
    this.#own = own
    this.#shared = shared
    this.#region = region
    this.#loadBalancer = { name: 'LoadBalancerName', value: name }
    this.#zone = { name: 'AvailabilityZone', value: zone }
  }

  /** @param unzoned what those series get that do not say the zone, if that is something else */
  add(metric: string, unit: string, zoned: Reading, unzoned = zoned): void {
    this.#shared.add(this.#series(metric, unit, [this.#zone]), zoned)
    this.#own.add(this.#series(metric, unit, [this.#loadBalancer, this.#zone]), zoned)
    this.#shared.add(this.#series(metric, unit, []), unzoned)
    this.#own.add(this.#series(metric, unit, [this.#loadBalancer]), unzoned)
  }

  #series(name: string, unit: string, dimensions: readonly Dimension[]): SeriesName {
    return { region: this.#region, namespace: elbNamespace, name, dimensions, unit }
  }
}

/** What nodes say of each series. */
class SeriesReadings {
  readonly #series = new Map<string, { readonly name: SeriesName; readonly readings: Reading[] }>()

  add(name: SeriesName, reading: Reading): void {
    const key = JSON.stringify([name.region, name.name, ...name.dimensions])
    const series = this.#series.get(key) ?? { name, readings: [] }
    this.#series.set(key, series)
    series.readings.push(reading)
  }

  *data(minute: number): Generator<MetricDatum> {
    for (const { name, readings } of this.#series.values()) {
      const minimum = readings.reduce(
        (least, one) => Math.min(least, one.minimum),
        Number.POSITIVE_INFINITY,
      )
      const maximum = readings.reduce((most, one) => Math.max(most, one.maximum), 0)
      const count = readings.reduce((sum, one) => sum + one.count, 0)
      const sum = readings.reduce((total, one) => total + one.sum, 0)
      const sketch = minimum === maximum ? {} : { sketch: sketchOf(readings) }
      yield { ...name, minute, count, sum, minimum, maximum, ...sketch }
    }
  }
}

function sketchOf(readings: readonly Reading[]): Uint8Array {
  const histogram = new Histogram()
  for (const { bins, minimum, count } of readings) {
    if (bins === undefined) histogram.accept(minimum, count)
    else {
      for (let i = 0; i < bins.length; i += 2) {
        histogram.acceptBin(bins[i] as number, bins[i + 1] as number)
      }
    }
  }
  return histogram.serialise()
}
