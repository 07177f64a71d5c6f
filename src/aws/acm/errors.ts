/** The errors of ACM's model, in AWS's words as far as they are known. */
import {
  InvalidArnException$,
  InvalidDomainValidationOptionsException$,
  InvalidTagException$,
  LimitExceededException$,
  RequestInProgressException$,
  ResourceInUseException$,
  ResourceNotFoundException$,
  TooManyTagsException$,
  ValidationException$,
} from '@aws-sdk/client-acm'
import type { Fault } from '../../certificates/material.ts'
import { type ApiError, modeled } from '../wire/errors.ts'

export function certificateNotFound(arn: string): ApiError {
  return modeled(ResourceNotFoundException$, `Could not find certificate ${arn}.`)
}

export function invalidArn(arn: string): ApiError {
  return modeled(
    InvalidArnException$,
    `'${arn}' is not the ARN of a certificate of this account and region`,
  )
}

export function certificateInUse(arn: string, accountId: string): ApiError {
  return modeled(ResourceInUseException$, `Certificate ${arn} in account ${accountId} is in use.`)
}

export function tooManyCertificates(): ApiError {
  return modeled(
    LimitExceededException$,
    'You have reached the maximum number of certificates. Delete certificates that are not in use.',
  )
}

export function tooManyNames(count: number, limit: number): ApiError {
  return modeled(
    LimitExceededException$,
    `A certificate can have ${limit} domain names; the request has ${count}`,
  )
}

export function invalidValidationOptions(message: string): ApiError {
  return modeled(InvalidDomainValidationOptionsException$, message)
}

/** It has no content yet, and perhaps never will. */
export function requestInProgress(arn: string): ApiError {
  return modeled(RequestInProgressException$, `Certificate ${arn} is not issued yet`)
}

export function tooManyTags(arn: string, limit: number): ApiError {
  return modeled(TooManyTagsException$, `Certificate ${arn} cannot have more than ${limit} tags`)
}

export function reservedTag(key: string): ApiError {
  return modeled(InvalidTagException$, `Tag key '${key}' begins with aws:, which is reserved`)
}

export function invalid(message: string): ApiError {
  return modeled(ValidationException$, message)
}

/** What is wrong with an imported certificate ("Troubleshoot importing certificates"). */
export function unusableMaterial(fault: Fault): ApiError {
  return invalid(problem(fault))
}

function problem(fault: Fault): string {
  switch (fault.kind) {
    case 'certificate-malformed':
      return 'The certificate body/chain provided is not in a valid PEM format: the certificate cannot be parsed'
    case 'chain-malformed':
      return 'The certificate body/chain provided is not in a valid PEM format: the certificate chain cannot be parsed'
    case 'more-than-one-certificate':
      return 'The certificate field contains more than one certificate. You can specify only one certificate in this field.'
    case 'not-yet-valid':
      return `The certificate is not in a valid period: it begins ${fault.time.toISOString()}`
    case 'expired':
      return `The certificate is not in a valid period: it ended ${fault.time.toISOString()}`
    case 'key-malformed':
      return 'The private key is not in a valid PEM format'
    case 'key-encrypted':
      return 'Your private key should not be encrypted.'
    case 'key-unsupported':
      return `The private key is not supported: it is of the kind ${fault.found}`
    case 'key-of-another-certificate':
      return 'The private key does not match the certificate'
    case 'chain-broken':
      return 'Could not validate the certificate with the certificate chain.'
  }
}
