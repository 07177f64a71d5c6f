/** Where secrets of issuance are in the store, each sealed under its own key. */
import { createHash } from 'node:crypto'

const prefix = 'issuance/secret/'

export const secretKeys = {
  localCa: `${prefix}local-ca`,
  /** An account belongs to one directory. */
  acmeAccount(directory: string): string {
    return `${prefix}acme-account/${createHash('sha256').update(directory).digest('hex')}`
  },
} as const

/** Whether a key of the store is that of such a secret. */
export function isIssuanceSecret(key: string): boolean {
  return key.startsWith(prefix)
}
