/** What desync mitigation makes of a request (guide, p. 83). */

export type Tier = 'Compliant' | 'Acceptable' | 'Ambiguous' | 'Severe'

/**
 * Why a request is not Compliant, with the tier that this means. The names and tiers are those of http-desync-guardian, the
 * library that the guide refers to; those at the end are Weir's own (docs/decisions has why).
 */
const tiers = {
  NonCompliantHeader: 'Acceptable',
  SpaceInUri: 'Acceptable',
  NonCompliantVersion: 'Acceptable',
  GetHeadZeroContentLength: 'Acceptable',
  NonCrLfLineTermination: 'Acceptable',
  EmptyHeader: 'Ambiguous',
  AmbiguousUri: 'Ambiguous',
  SuspiciousHeader: 'Ambiguous',
  UndefinedContentLengthSemantics: 'Ambiguous',
  UndefinedTransferEncodingSemantics: 'Ambiguous',
  DuplicateContentLength: 'Ambiguous',
  BothTeClPresent: 'Ambiguous',
  MultilineHeader: 'Ambiguous',
  MissingHeaderColon: 'Ambiguous',
  MissingUri: 'Ambiguous',
  BadHeader: 'Severe',
  BadUri: 'Severe',
  BadVersion: 'Severe',
  BadMethod: 'Severe',
  MultipleContentLength: 'Severe',
  BadContentLength: 'Severe',
  BadTransferEncoding: 'Severe',
  MultipleTransferEncodingChunked: 'Severe',
  MissingHost: 'Severe',
  MultipleHost: 'Severe',
  BadHost: 'Severe',
  UnknownUriForm: 'Severe',
} as const satisfies Readonly<Record<string, Tier>>

export type Reason = keyof typeof tiers

/** @returns undefined for what is no {@link Reason} */
export function tierOf(reason: string): Tier | undefined {
  return Object.hasOwn(tiers, reason) ? tiers[reason as Reason] : undefined
}

export interface Classification {
  readonly tier: Tier
  /** The first reason of that tier; null when Compliant. */
  readonly reason: Reason | null
}

export const compliant: Classification = { tier: 'Compliant', reason: null }

const order: readonly Tier[] = ['Compliant', 'Acceptable', 'Ambiguous', 'Severe']

/** Whether `tier` is at least as bad as `bound`. */
export function atLeast(tier: Tier, bound: Tier): boolean {
  return order.indexOf(tier) >= order.indexOf(bound)
}

/** Takes reasons in order; the first of the worst tier stays. */
export class Ruling {
  #classification: Classification

  constructor(classification = compliant) {
    this.#classification = classification
  }

  get classification(): Classification {
    return this.#classification
  }

  add(reason: Reason): void {
    const tier = tiers[reason]
    if (!atLeast(this.#classification.tier, tier)) this.#classification = { tier, reason }
  }
}
