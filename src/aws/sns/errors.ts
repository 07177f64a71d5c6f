/** The errors of SNS's model, in AWS's words as far as they are known. */
import {
  InvalidParameterException$,
  NotFoundException$,
  ResourceNotFoundException$,
  TagLimitExceededException$,
  TagPolicyException$,
  TopicLimitExceededException$,
} from '@aws-sdk/client-sns'
import { type ApiError, modeled } from '../wire/errors.ts'

/** @param what a parameter, and what is wrong with it */
export function invalidParameter(what: string): ApiError {
  return modeled(InvalidParameterException$, `Invalid parameter: ${what}`)
}

export function noSuchTopic(): ApiError {
  return modeled(NotFoundException$, 'Topic does not exist')
}

/** Of the operations on tags. */
export function noSuchResource(): ApiError {
  return modeled(ResourceNotFoundException$, 'Resource does not exist')
}

export function tooManyTopics(limit: number): ApiError {
  return modeled(
    TopicLimitExceededException$,
    `Topic limit exceeded: there are ${limit} topics in the region`,
  )
}

export function tooManyTags(limit: number): ApiError {
  return modeled(
    TagLimitExceededException$,
    `Could not complete request: tag quota of per resource exceeded (${limit})`,
  )
}

export function invalidTag(message: string): ApiError {
  return modeled(TagPolicyException$, message)
}
