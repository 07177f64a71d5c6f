import type { Dimension as ApiDimension, Metric } from '@aws-sdk/client-cloudwatch'
import type { Dimension, SeriesName } from '../../metrics/metric-datum.ts'
import { invalidValue, missing, tooMany, valueInvalid } from './errors.ts'

/** "Up to 30 dimensions" (API reference, MetricDatum). */
const maxDimensions = 30

/** What AWS's own services publish under; users cannot. */
export const ownNamespaces = 'AWS/'

/** @throws ApiError unless it is 1 to 255 characters that do not begin with a colon */
export function requireNamespace(namespace: string | undefined, parameter = 'Namespace'): string {
  return requireName(namespace, parameter, 255)
}

export function requireMetricName(name: string | undefined, parameter = 'MetricName'): string {
  return requireName(name, parameter, 255)
}

/** @param parameter as the query protocol spells it */
export function requireDimensions(
  dimensions: readonly ApiDimension[] | undefined,
  parameter = 'Dimensions',
): Dimension[] {
  const given = dimensions ?? []
  if (given.length > maxDimensions) throw tooMany(parameter, maxDimensions)
  const read = given.map(({ Name, Value }, index) => ({
    name: requireName(Name, `${parameter}.member.${index + 1}.Name`, 255),
    value: requireText(Value, `${parameter}.member.${index + 1}.Value`, 1024),
  }))
  const twice = read.find(({ name }, index) => read.findIndex((one) => one.name === name) < index)
  if (twice === undefined) return read
  throw invalidValue(`The parameter ${parameter} has the dimension ${twice.name} twice.`)
}

export function apiDimensions(dimensions: readonly Dimension[]): ApiDimension[] {
  return dimensions.map(({ name, value }) => ({ Name: name, Value: value }))
}

/** A metric as queries and alarms name it. @param prefix of parameters, as the query protocol spells it: `MetricStat.Metric.` */
export function requireMetric(metric: Metric, prefix = ''): Omit<SeriesName, 'region' | 'unit'> {
  return {
    namespace: requireNamespace(metric.Namespace, `${prefix}Namespace`),
    name: requireMetricName(metric.MetricName, `${prefix}MetricName`),
    dimensions: requireDimensions(metric.Dimensions, `${prefix}Dimensions`),
  }
}

function requireName(value: string | undefined, parameter: string, longest: number): string {
  const text = requireText(value, parameter, longest)
  if (text.startsWith(':')) throw valueInvalid(text, parameter)
  return text
}

function requireText(value: string | undefined, parameter: string, longest: number): string {
  if (value === undefined || value.trim() === '') throw missing(parameter)
  if (value.length > longest) {
    throw invalidValue(`The parameter ${parameter} must be shorter than ${longest + 1} characters.`)
  }
  // Control characters: what is listed must not be able to write on a terminal.
  if (/\p{Cc}/u.test(value)) throw valueInvalid(JSON.stringify(value), parameter)
  return value
}
