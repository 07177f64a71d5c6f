import { createHmac, randomBytes } from 'node:crypto'
import type { SecretBox } from '../std/secret-box.ts'
import type { Store } from '../store/store.ts'
import { atomically } from '../store/transaction.ts'

const secretKey = 'stickiness/secret'
const secretBytes = 32

interface SecretRecord {
  readonly sealedSecret: string
}

/** Whether a key of the store is that of the secret which stickiness cookies hang on. */
export function isStickinessSecret(key: string): boolean {
  return key === secretKey
}

/** Whether the secret is there: then only the key that sealed it is of use. */
export async function hasStickinessSecret(store: Store): Promise<boolean> {
  return (await store.get(secretKey)) !== undefined
}

/**
 * The keys that load balancers make stickiness cookies with. All come from one secret, which the store keeps: so cookies outlive
 * restarts, and are the same on every proxy. Who has one load balancer's key cannot find another's.
 */
export class StickinessKeys {
  readonly #secret: Buffer

  /** @param secret base64 */
  constructor(secret: string) {
    this.#secret = Buffer.from(secret, 'base64')
  }

  /** With the secret of the store, which is made if there is none. */
  static async open(store: Store, box: SecretBox): Promise<StickinessKeys> {
    const fresh = randomBytes(secretBytes).toString('base64')
    const secret = await atomically(store, async (tx) => {
      const existing = await tx.get<SecretRecord>(secretKey)
      if (existing !== undefined) return box.open(existing.sealedSecret, secretKey)
      const record: SecretRecord = { sealedSecret: box.seal(fresh, secretKey) }
      tx.put(secretKey, record)
      return fresh
    })
    return new StickinessKeys(secret)
  }

  /** @param loadBalancer its identity in the neutral model @returns base64 of 32 bytes */
  of(loadBalancer: string): string {
    return createHmac('sha256', this.#secret).update(loadBalancer).digest('base64')
  }
}
