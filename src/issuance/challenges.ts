/**
 * What an authority is shown while it looks whether a name is ours (RFC 8555, section 8). The answers lie in the store: from there the
 * reconciler takes them to the proxies and to the DNS server, as it does with everything else.
 */
import type { Store } from '../store/store.ts'
import { atomically } from '../store/transaction.ts'

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

/** @returns a revision at which the answers are in the store */
export async function showAnswers(
  store: Store,
  order: string,
  answers: readonly ChallengeAnswer[],
): Promise<number> {
  const record: ChallengeRecord = { answers }
  await atomically(store, async (tx) => tx.put(challengeKeys.of(order), record))
  return store.revision()
}

export async function withdrawAnswers(store: Store, order: string): Promise<void> {
  await atomically(store, async (tx) => tx.delete(challengeKeys.of(order)))
}

/** Removes what orders left behind that were in progress when the process ended. */
export async function withdrawAllAnswers(store: Store): Promise<void> {
  const { entries } = await store.list(challengeKeys.all)
  await atomically(store, async (tx) => {
    for (const { key } of entries) tx.delete(key)
  })
}
