import { ec2Keys } from '../aws/ec2/records.ts'
import { isSnsSecret } from '../aws/sns/records.ts'
import { isAccessKeyKey } from '../aws/wire/access-keys.ts'
import { isIssuanceSecret } from '../issuance/secrets.ts'
import { isStickinessSecret } from '../reconcile/stickiness-keys.ts'
import { anotherSystem, systemKey } from '../reconcile/system.ts'
import type { Store } from '../store/store.ts'

/** What has been, and what was kept, apart from the store. */
export interface Kept {
  clear(): void | Promise<void>
}

/**
 * Back to an empty system: everything goes but the secrets of the system and the place of the default VPC.
 * @param forgotten resolves when the proxies have taken over what the store held at a revision: they bring nothing of before any more
 */
export async function reset(
  store: Store,
  others: readonly Kept[],
  forgotten: (revision: number) => Promise<void>,
): Promise<void> {
  await forgotten(await empty(store))
  for (const other of others) await other.clear()
}

/** In one transaction that leaves nothing of what is written at the same time. @returns its revision */
async function empty(store: Store): Promise<number> {
  for (;;) {
    const listing = await store.list('')
    const gone = listing.entries.filter(({ key }) => !stays(key))
    const revision = await store.transact(
      [{ prefix: '', unchangedSince: listing.revision }],
      [...gone.map(({ key }) => ({ key, value: null })), anotherSystem()],
    )
    if (revision !== undefined) return revision
  }
}

function stays(key: string): boolean {
  if (key === ec2Keys.firstDefaultVpc || key === systemKey) return true
  return isAccessKeyKey(key) || isStickinessSecret(key) || isIssuanceSecret(key) || isSnsSecret(key)
}
