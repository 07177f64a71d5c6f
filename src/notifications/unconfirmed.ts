import { tokenLife } from '../aws/sns/confirmation-tokens.ts'
import { readArn, type SubscriptionRecord, snsKeys } from '../aws/sns/records.ts'
import type { Store } from '../store/store.ts'
import { atomically, reader } from '../store/transaction.ts'

/** Removes subscriptions whose last token has ended without coming back. @param now milliseconds since the epoch */
export async function removeUnconfirmed(store: Store, now: number): Promise<void> {
  const ended = ({ confirmed, requestedAt }: SubscriptionRecord) =>
    !confirmed && requestedAt + tokenLife <= now
  const all = await reader(store).list<SubscriptionRecord>(snsKeys.allSubscriptions)
  for (const { arn } of all.filter(ended)) {
    const { region = '', topic = '', subscription } = readArn(arn) ?? {}
    const key = snsKeys.subscription(region, topic, subscription ?? '')
    await atomically(store, async (tx) => {
      const record = await tx.get<SubscriptionRecord>(key)
      if (record !== undefined && ended(record)) tx.delete(key)
    })
  }
}
