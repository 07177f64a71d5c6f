/** The errors of IAM's model, in AWS's words as far as they are known. */
import {
  DeleteConflictException$,
  EntityAlreadyExistsException$,
  InvalidInputException$,
  KeyPairMismatchException$,
  LimitExceededException$,
  MalformedCertificateException$,
  NoSuchEntityException$,
} from '@aws-sdk/client-iam'
import type { Fault } from '../../certificates/material.ts'
import { type ApiError, modeled } from '../wire/errors.ts'

export function noSuchUser(name: string): ApiError {
  return modeled(NoSuchEntityException$, `The user with name ${name} cannot be found.`)
}

export function noSuchCertificate(name: string): ApiError {
  return modeled(
    NoSuchEntityException$,
    `The Server Certificate with name ${name} cannot be found.`,
  )
}

export function certificateExists(name: string): ApiError {
  return modeled(
    EntityAlreadyExistsException$,
    `The Server Certificate with name ${name} already exists.`,
  )
}

export function tooManyCertificates(limit: number): ApiError {
  return modeled(
    LimitExceededException$,
    `Cannot exceed quota for ServerCertificatesPerAccount: ${limit}`,
  )
}

export function tooManyTags(): ApiError {
  return modeled(LimitExceededException$, 'The number of tags has reached the maximum limit.')
}

export function invalidInput(message: string): ApiError {
  return modeled(InvalidInputException$, message)
}

/** Terraform looks for `currently in use by ARN.` and waits. */
export function certificateInUse(id: string, userArn: string): ApiError {
  return modeled(
    DeleteConflictException$,
    `Certificate: ${id} is currently in use by ${userArn}. Please remove it first before deleting it from IAM.`,
  )
}

/** What is wrong with an uploaded certificate. */
export function unusableMaterial(fault: Fault): ApiError {
  if (fault.kind === 'key-of-another-certificate') {
    return modeled(KeyPairMismatchException$, 'Certificate and private key do not match.')
  }
  return modeled(MalformedCertificateException$, malformed(fault))
}

function malformed(fault: Exclude<Fault, { kind: 'key-of-another-certificate' }>): string {
  switch (fault.kind) {
    case 'certificate-malformed':
      return 'Unable to parse certificate. Please ensure the certificate is in PEM format.'
    case 'more-than-one-certificate':
      return 'The certificate body holds more than one certificate. Put those that sign it into the certificate chain.'
    case 'not-yet-valid':
      return `The certificate is not valid yet: its validity begins ${fault.time.toISOString()}`
    case 'expired':
      return `The certificate is not valid any more: its validity ended ${fault.time.toISOString()}`
    case 'key-malformed':
      return 'Unable to parse private key. Please ensure the private key is in PEM format.'
    case 'key-encrypted':
      return 'The private key is encrypted. Please decrypt it before it is uploaded.'
    case 'key-unsupported':
      return `Private keys of the kind ${fault.found} are not supported`
    case 'chain-malformed':
      return 'Unable to parse certificate chain. Please ensure the certificates of the chain are in PEM format.'
    case 'chain-broken':
      return `Unable to validate certificate chain. The certificate chain must start with the immediate signing certificate, followed by any intermediaries in order. The index within the chain of the invalid certificate is: ${fault.index}`
  }
}
