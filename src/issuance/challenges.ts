/**
 * What an authority is shown while it looks whether a name is ours (RFC 8555, section 8). The answers lie in the store: from there the
 * reconciler takes them to the proxies and to the DNS server, as it does with everything else.
 */
export type ChallengeAnswer =
  /** What `/.well-known/acme-challenge/TOKEN` answers on every HTTP listener (section 8.3). */
  | { readonly kind: 'http-01'; readonly token: string; readonly keyAuthorization: string }
  /** A TXT record under each of the names (section 8.4), in lower case without final dot. */
  | { readonly kind: 'dns-01'; readonly names: readonly string[]; readonly text: string }

/** The answers that one certificate's order needs. */
export interface ChallengeRecord {
  readonly answers: readonly ChallengeAnswer[]
}

export const challengeKeys = {
  all: 'issuance/challenge/',
  /** @param order unique among the orders in progress */
  of: (order: string) => `issuance/challenge/${order}`,
} as const
