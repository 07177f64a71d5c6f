import { randomBytes } from 'node:crypto'
import type { SecretBox } from '../std/secret-box.ts'
import type { Store } from './store.ts'
import { atomically } from './transaction.ts'

const secretBytes = 32

interface SecretRecord {
  readonly sealedSecret: string
}

/** The random secret that the store keeps by this name, sealed; it is made if there is none. @returns 32 bytes */
export async function storedSecret(store: Store, box: SecretBox, key: string): Promise<Buffer> {
  const fresh = randomBytes(secretBytes).toString('base64')
  const secret = await atomically(store, async (tx) => {
    const existing = await tx.get<SecretRecord>(key)
    if (existing !== undefined) return box.open(existing.sealedSecret, key)
    const record: SecretRecord = { sealedSecret: box.seal(fresh, key) }
    tx.put(key, record)
    return fresh
  })
  return Buffer.from(secret, 'base64')
}
