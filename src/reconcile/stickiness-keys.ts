import { createHmac } from 'node:crypto'
import type { SecretBox } from '../std/secret-box.ts'
import type { Store } from '../store/store.ts'
import { storedSecret } from '../store/stored-secret.ts'

const secretKey = 'stickiness/secret'

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

  constructor(secret: Buffer) {
    this.#secret = secret
  }

  /** With the secret of the store, which is made if there is none. */
  static async open(store: Store, box: SecretBox): Promise<StickinessKeys> {
    return new StickinessKeys(await storedSecret(store, box, secretKey))
  }

  /** @param loadBalancer its identity in the neutral model @returns base64 of 32 bytes */
  of(loadBalancer: string): string {
    return createHmac('sha256', this.#secret).update(loadBalancer).digest('base64')
  }
}
