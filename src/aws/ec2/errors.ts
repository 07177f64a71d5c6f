/** Errors that many operations share. EC2's model names none: codes and texts are those that AWS answers. */
import { ApiError } from '../wire/errors.ts'

export function missingParameter(name: string): ApiError {
  return new ApiError('MissingParameter', `The request must contain the parameter ${name}`)
}

export function invalidValue(message: string): ApiError {
  return new ApiError('InvalidParameterValue', message)
}

/** e.g. `invalidParameter('x', 'cidrBlock')`: Value (x) for parameter cidrBlock is invalid. */
export function invalidParameter(value: unknown, name: string, because = ''): ApiError {
  return invalidValue(`Value (${value}) for parameter ${name} is invalid. ${because}`.trimEnd())
}

export function dependencyViolation(message: string): ApiError {
  return new ApiError('DependencyViolation', message)
}

export function needParameter<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw missingParameter(name)
  return value
}
