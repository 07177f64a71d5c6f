import type { PutMetricDataInput } from '@aws-sdk/client-cloudwatch'
import type { MetricDatum } from '../../metrics/metric-datum.ts'
import type { Operation } from '../wire/service.ts'
import { missing, tooMany, tooManyMetrics, valueInvalid } from './errors.ts'
import { readDatum } from './metric-data.ts'
import { ownNamespaces, requireNamespace } from './metric-names.ts'
import type { CloudWatchPorts } from './ports.ts'

/** "Each PutMetricData request can include no more than 1000 different metrics" (API reference). */
const maxData = 1000

/** Samples of users' own metrics. What is measured of their entities (EntityMetricData) is taken as the other data is. */
export function putMetricData(ports: CloudWatchPorts): Operation<PutMetricDataInput> {
  return async (input, { region, clock }) => {
    const namespace = requireNamespace(input.Namespace)
    if (namespace.startsWith(ownNamespaces)) throw valueInvalid(namespace, 'Namespace')
    const given = [
      ...(input.MetricData ?? []),
      ...(input.EntityMetricData ?? []).flatMap(({ MetricData }) => MetricData ?? []),
    ]
    if (given.length === 0) throw missing('MetricData')
    if (given.length > maxData) throw tooMany('MetricData', maxData)
    const data = given.flatMap((each, index) => {
      const datum = readDatum(each, `MetricData.member.${index + 1}`, clock.now())
      return datum === null ? [] : [{ region, namespace, ...datum }]
    })
    requireRoom(ports, data)
    ports.metrics.addOnce(data)
    return {}
  }
}

/** @throws ApiError when the data would make more metrics than may be */
function requireRoom({ metrics, quotas }: CloudWatchPorts, data: readonly MetricDatum[]): void {
  const made = data.filter((datum) => !metrics.has(datum))
  if (made.length === 0) return
  const names = made.map(({ name, dimensions, unit }) => JSON.stringify([name, dimensions, unit]))
  if (metrics.countCustom() + new Set(names).size <= quotas.customMetrics) return
  throw tooManyMetrics(quotas.customMetrics)
}
