/** The errors of SNS's model, in AWS's words as far as they are known. */
import {
  AuthorizationErrorException$,
  BatchEntryIdsNotDistinctException$,
  BatchRequestTooLongException$,
  EmptyBatchRequestException$,
  InvalidBatchEntryIdException$,
  InvalidParameterException$,
  NotFoundException$,
  ResourceNotFoundException$,
  SubscriptionLimitExceededException$,
  TagLimitExceededException$,
  TagPolicyException$,
  ThrottledException$,
  TooManyEntriesInBatchRequestException$,
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

export function noSuchSubscription(): ApiError {
  return modeled(NotFoundException$, 'Subscription does not exist')
}

export function tooManySubscriptions(limit: number): ApiError {
  return modeled(
    SubscriptionLimitExceededException$,
    `Subscription limit exceeded: the topic has ${limit} subscriptions`,
  )
}

export function throttled(waiting: number): ApiError {
  return modeled(
    ThrottledException$,
    `Rate exceeded: ${waiting} bytes of messages wait for their delivery`,
  )
}

/** Of what a link in a message may not do. */
export function authenticationRequired(): ApiError {
  return modeled(AuthorizationErrorException$, 'This needs a request that is signed')
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

export function emptyBatch(): ApiError {
  return modeled(EmptyBatchRequestException$, "The batch request doesn't contain any entries.")
}

export function tooManyInBatch(limit: number): ApiError {
  return modeled(
    TooManyEntriesInBatchRequestException$,
    `The batch request contains more entries than permissible (more than ${limit}).`,
  )
}

export function invalidBatchId(id: string): ApiError {
  return modeled(
    InvalidBatchEntryIdException$,
    `The Id of a batch entry in a batch request doesn't abide by the specification: '${id}'`,
  )
}

export function repeatedBatchId(): ApiError {
  return modeled(
    BatchEntryIdsNotDistinctException$,
    'Two or more batch entries in the request have the same Id.',
  )
}

export function batchTooLong(): ApiError {
  return modeled(
    BatchRequestTooLongException$,
    'The length of all the batch messages put together is more than the limit.',
  )
}
