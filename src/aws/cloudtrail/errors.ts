/** The errors of CloudTrail's model. */
import {
  CloudTrailARNInvalidException$,
  InsufficientS3BucketPolicyException$,
  InsufficientSnsTopicPolicyException$,
  InvalidEventCategoryException$,
  InvalidEventSelectorsException$,
  InvalidHomeRegionException$,
  InvalidLookupAttributesException$,
  InvalidMaxResultsException$,
  InvalidNextTokenException$,
  InvalidParameterCombinationException$,
  InvalidS3BucketNameException$,
  InvalidS3PrefixException$,
  InvalidSnsTopicNameException$,
  InvalidTagParameterException$,
  InvalidTimeRangeException$,
  InvalidTrailNameException$,
  MaximumNumberOfTrailsExceededException$,
  OrganizationsNotInUseException$,
  ResourceNotFoundException$,
  S3BucketDoesNotExistException$,
  TagsLimitExceededException$,
  TrailAlreadyExistsException$,
  TrailNotFoundException$,
  UnsupportedOperationException$,
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

export function invalidTrailName(message: string): ApiError {
  return modeled(InvalidTrailNameException$, message)
}

export function invalidArn(arn: string): ApiError {
  return modeled(CloudTrailARNInvalidException$, `'${arn}' is not the ARN of a trail`)
}

export function invalidBucketName(name: string): ApiError {
  return modeled(
    InvalidS3BucketNameException$,
    `Bucket name '${name}' is not valid: 3 to 63 lower-case letters, digits, hyphens and dots, a letter or digit at both ends`,
  )
}

export function invalidPrefix(prefix: string, most: number): ApiError {
  return modeled(
    InvalidS3PrefixException$,
    `S3 prefix '${prefix}' is not valid: at most ${most} printable ASCII characters`,
  )
}

export function trailNotFound(arn: string, accountId: string): ApiError {
  return modeled(TrailNotFoundException$, `Unknown trail: ${arn} for the user: ${accountId}`)
}

export function trailAlreadyExists(name: string, accountId: string): ApiError {
  return modeled(
    TrailAlreadyExistsException$,
    `Trail ${name} already exists for customer: ${accountId}`,
  )
}

export function tooManyTrails(accountId: string, limit: number, region: string): ApiError {
  return modeled(
    MaximumNumberOfTrailsExceededException$,
    `User: ${accountId} already has ${limit} trails in ${region}.`,
  )
}

export function bucketDoesNotExist(bucket: string): ApiError {
  return modeled(S3BucketDoesNotExistException$, `S3 bucket ${bucket} does not exist!`)
}

export function insufficientBucketPolicy(bucket: string): ApiError {
  return modeled(
    InsufficientS3BucketPolicyException$,
    `Incorrect S3 bucket policy is detected for bucket: ${bucket}`,
  )
}

export function notHomeRegion(name: string, homeRegion: string): ApiError {
  return modeled(
    InvalidHomeRegionException$,
    `The trail ${name} can only be changed from its home region ${homeRegion}`,
  )
}

export function globalEventsNeeded(): ApiError {
  return modeled(
    InvalidParameterCombinationException$,
    'Multi-Region trail must include global service events.',
  )
}

export function invalidSelectors(message: string): ApiError {
  return modeled(InvalidEventSelectorsException$, message)
}

export function notInOrganization(): ApiError {
  return modeled(
    OrganizationsNotInUseException$,
    'The account is in no organization: IsOrganizationTrail must be false',
  )
}

/** What CloudTrail has and Weir has not. */
export function unsupported(parameter: string, reason: string): ApiError {
  return modeled(UnsupportedOperationException$, `${parameter} is not available here: ${reason}`)
}

export function invalidTag(message: string): ApiError {
  return modeled(InvalidTagParameterException$, message)
}

export function tooManyTags(arn: string, limit: number): ApiError {
  return modeled(TagsLimitExceededException$, `${arn} cannot have more than ${limit} tags`)
}

export function resourceNotFound(arn: string): ApiError {
  return modeled(ResourceNotFoundException$, `There is no trail ${arn}`)
}

export function invalidTopicName(name: string): ApiError {
  return modeled(
    InvalidSnsTopicNameException$,
    `SNS topic '${name}' is neither the name nor the ARN of a topic`,
  )
}

export function insufficientTopicPolicy(): ApiError {
  return modeled(
    InsufficientSnsTopicPolicyException$,
    'SNS Topic does not exist or the topic policy is incorrect!',
  )
}
