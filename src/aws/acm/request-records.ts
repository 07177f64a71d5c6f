/**
 * A certificate that was requested (RequestCertificate), as it is stored: who it is for and how far it is. What is issued lies beside it,
 * as the record that every certificate for load balancers has, and is replaced there when it is renewed.
 */

import type { TagRecord } from './records.ts'

/** What is made for a request. ACM's model also has RSA_1024 and EC_secp521r1, for certificates that are imported. */
export const requestedKeyAlgorithms = [
  'RSA_2048',
  'RSA_3072',
  'RSA_4096',
  'EC_prime256v1',
  'EC_secp384r1',
] as const

export type RequestedKeyAlgorithm = (typeof requestedKeyAlgorithms)[number]

/** Of the model's, those that occur. */
export type FailureReason = 'DOMAIN_NOT_ALLOWED' | 'INVALID_PUBLIC_DOMAIN' | 'CAA_ERROR' | 'OTHER'

export interface RequestRecord {
  readonly id: string
  readonly arn: string
  readonly region: string
  /** In lower case, the DomainName first, each once. */
  readonly names: readonly [string, ...string[]]
  readonly keyAlgorithm: RequestedKeyAlgorithm
  readonly validationMethod: 'DNS' | 'HTTP'
  readonly idempotencyToken: string | null
  /** As it was asked for; whether it is logged is the authority's business. */
  readonly transparencyLogging: 'ENABLED' | 'DISABLED'
  readonly tags: readonly TagRecord[]
  /** All times here are milliseconds since the epoch. */
  readonly requestedAt: number
  readonly state: RequestState
}

export type RequestState =
  | PendingState
  | IssuedState
  | { readonly kind: 'failed'; readonly reason: FailureReason }
  | { readonly kind: 'timed-out' }

/** Attempts to have a certificate issued. */
export interface Attempts {
  /** How many were begun. */
  readonly begun: number
  /** When the next one is due. It is put off before one begins, so that one that is cut short is not begun anew at once. */
  readonly nextAt: number
}

export interface PendingState {
  readonly kind: 'pending'
  readonly attempts: Attempts
}

export interface IssuedState {
  readonly kind: 'issued'
  readonly issuedAt: number
  readonly notAfter: number
  /** Its renewal. */
  readonly attempts: Attempts
  /** When there was last something new about renewal; null: it was never due. */
  readonly renewal: { readonly status: RenewalStatus; readonly updatedAt: number } | null
}

/** `pending`: under way, and nothing stood against it; `blocked`: the last attempt failed. */
export type RenewalStatus = 'pending' | 'blocked' | 'success'

export const requestKeys = {
  all: 'acm/',
  is: (key: string) => /^acm\/[^/]+\/request\//.test(key),
  inRegion: (region: string) => `acm/${region}/request/`,
  of: (region: string, id: string) => `acm/${region}/request/${id}`,
} as const
