import { StandardUnit } from '@aws-sdk/client-cloudwatch'
import { notInSet } from './errors.ts'

const units: readonly string[] = Object.values(StandardUnit)

/** @throws ApiError unless it is a unit of the model, or undefined */
export function requireUnit(unit: string | undefined, parameter: string): string | undefined {
  if (unit === undefined || units.includes(unit)) return unit
  throw notInSet(parameter, units)
}
