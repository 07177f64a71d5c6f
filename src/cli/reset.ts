import { ec2Keys } from '../aws/ec2/records.ts'
import { isSnsSecret } from '../aws/sns/records.ts'
import { isAccessKeyKey } from '../aws/wire/access-keys.ts'
import { isIssuanceSecret } from '../issuance/secrets.ts'
import { isStickinessSecret } from '../reconcile/stickiness-keys.ts'
import type { Store } from '../store/store.ts'

/** What has been, and what was kept, apart from the store. */
export interface Kept {
  clear(): void | Promise<void>
}

/** Back to an empty system: everything goes but the secrets of the system and the place of the default VPC. */
export async function reset(store: Store, others: readonly Kept[]): Promise<void> {
  await empty(store)
  for (const other of others) await other.clear()
}

/** In one transaction that leaves nothing of what is written at the same time. */
async function empty(store: Store): Promise<void> {
  for (let revision: number | undefined; revision === undefined; ) {
    const listing = await store.list('')
    const gone = listing.entries.filter(({ key }) => !stays(key))
    revision = await store.transact(
      [{ prefix: '', unchangedSince: listing.revision }],
      gone.map(({ key }) => ({ key, value: null })),
    )
  }
}

function stays(key: string): boolean {
  if (key === ec2Keys.firstDefaultVpc) return true
  return isAccessKeyKey(key) || isStickinessSecret(key) || isIssuanceSecret(key) || isSnsSecret(key)
}
