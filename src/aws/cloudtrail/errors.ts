/** The errors of CloudTrail's model. */
import {
  InvalidEventCategoryException$,
  InvalidLookupAttributesException$,
  InvalidMaxResultsException$,
  InvalidNextTokenException$,
  InvalidTimeRangeException$,
} from '@aws-sdk/client-cloudtrail'
import { type ApiError, modeled } from '../wire/errors.ts'

export function invalidLookupAttributes(message: string): ApiError {
  return modeled(InvalidLookupAttributesException$, message)
}

export function invalidMaxResults(value: number, most: number): ApiError {
  return modeled(
    InvalidMaxResultsException$,
    `MaxResults ${value} is not valid: it must be from 1 to ${most}`,
  )
}

export function invalidTimeRange(start: Date, end: Date): ApiError {
  return modeled(
    InvalidTimeRangeException$,
    `StartTime ${start.toISOString()} is after EndTime ${end.toISOString()}`,
  )
}

export function invalidEventCategory(category: string): ApiError {
  return modeled(
    InvalidEventCategoryException$,
    `EventCategory '${category}' is not valid: it can only be insight`,
  )
}

export function invalidNextToken(): ApiError {
  return modeled(
    InvalidNextTokenException$,
    'NextToken is not valid: it must come from a call with the same parameters',
  )
}
