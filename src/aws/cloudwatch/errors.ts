/** The errors of CloudWatch's model, in AWS's words as far as they are known. */
import {
  InvalidFormatFault$,
  InvalidNextToken$,
  InvalidParameterCombinationException$,
  InvalidParameterValueException$,
  LimitExceededFault$,
  MissingRequiredParameterException$,
  ResourceNotFound$,
  ResourceNotFoundException$,
} from '@aws-sdk/client-cloudwatch'
import { type ApiError, modeled } from '../wire/errors.ts'

export function invalidValue(message: string): ApiError {
  return modeled(InvalidParameterValueException$, message)
}

/** @param parameter as the query protocol spells it: `MetricData.member.1.Unit` */
export function valueInvalid(value: unknown, parameter: string): ApiError {
  return invalidValue(`The value ${String(value)} for parameter ${parameter} is invalid.`)
}

export function notInSet(parameter: string, values: readonly string[]): ApiError {
  return invalidValue(
    `The parameter ${parameter} must be a value in the set [${values.join(', ')}].`,
  )
}

export function tooMany(parameter: string, limit: number): ApiError {
  return invalidValue(`The collection ${parameter} must not have a size greater than ${limit}.`)
}

export function invalidCombination(message: string): ApiError {
  return modeled(InvalidParameterCombinationException$, message)
}

export function exclusive(parameter: string, other: string): ApiError {
  return invalidCombination(
    `The parameters ${parameter} and ${other} are mutually exclusive and you have specified both.`,
  )
}

export function missing(parameter: string): ApiError {
  return modeled(MissingRequiredParameterException$, `The parameter ${parameter} is required.`)
}

export function missingOneOf(parameters: readonly string[]): ApiError {
  return modeled(
    MissingRequiredParameterException$,
    `At least one of the parameters ${parameters.join(', ')} must be specified.`,
  )
}

export function tooManyMetrics(limit: number): ApiError {
  return modeled(
    LimitExceededFault$,
    `The request would make more than ${limit} metrics, which is the most that PutMetricData may make here`,
  )
}

export function invalidNextToken(token: string): ApiError {
  return modeled(InvalidNextToken$, `Invalid nextToken '${token}'`)
}

export function tooManyAlarms(limit: number): ApiError {
  return modeled(LimitExceededFault$, `The maximum number of alarms, ${limit}, is reached.`)
}

export function noSuchAlarm(name: string): ApiError {
  return modeled(ResourceNotFound$, `Could not find alarm ${name}`)
}

export function noSuchResource(arn: string): ApiError {
  return modeled(ResourceNotFoundException$, `Unknown resource ${arn}`)
}

export function notJson(parameter: string): ApiError {
  return modeled(InvalidFormatFault$, `${parameter} was not valid JSON`)
}
