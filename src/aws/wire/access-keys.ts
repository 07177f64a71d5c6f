import { randomInt } from 'node:crypto'
import type { SecretBox } from '../../std/secret-box.ts'
import type { Store } from '../../store/store.ts'
import { atomically, reader } from '../../store/transaction.ts'

/** An access key as it is stored: the secret is sealed under the id of its key. */
interface AccessKeyRecord {
  readonly accessKeyId: string
  readonly owner: 'root'
  readonly sealedSecret: string
}

export interface AccessKey {
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

/** Finds the secret that a signature was made with. */
export interface AccessKeys {
  secretOf(accessKeyId: string): Promise<string | undefined>
}

const prefix = 'iam/access-key/'

/** Whether a key of the store is an access key's. */
export function isAccessKeyKey(key: string): boolean {
  return key.startsWith(prefix)
}

/** Whether secrets are sealed in the store: then only the key that sealed them is of use. */
export async function hasAccessKeys(store: Store): Promise<boolean> {
  return (await store.list(prefix, { limit: 1 })).entries.length > 0
}

/** `AKIA` and 16 more, as AWS's long-term access keys. */
const idPattern = /^AKIA[A-Z2-7]{16}$/

export function accessKeys(store: Store, box: SecretBox): AccessKeys {
  return {
    async secretOf(accessKeyId) {
      if (!idPattern.test(accessKeyId)) return undefined
      const record = await reader(store).get<AccessKeyRecord>(prefix + accessKeyId)
      return record === undefined ? undefined : unseal(box, record).secretAccessKey
    },
  }
}

/** The root access key, made if there is none: then `created` is true, and this is the only time to show its secret. */
export async function ensureRootKey(
  store: Store,
  box: SecretBox,
): Promise<AccessKey & { readonly created: boolean }> {
  const fresh = newAccessKey()
  return atomically(store, async (tx) => {
    const records = await tx.list<AccessKeyRecord>(prefix)
    const existing = records.find((record) => record.owner === 'root')
    if (existing !== undefined) return { ...unseal(box, existing), created: false }
    const { accessKeyId, secretAccessKey } = fresh
    const sealedSecret = box.seal(secretAccessKey, prefix + accessKeyId)
    const record: AccessKeyRecord = { accessKeyId, owner: 'root', sealedSecret }
    tx.put(prefix + accessKeyId, record)
    return { ...fresh, created: true }
  })
}

function unseal(box: SecretBox, { accessKeyId, sealedSecret }: AccessKeyRecord): AccessKey {
  return { accessKeyId, secretAccessKey: box.open(sealedSecret, prefix + accessKeyId) }
}

const idAlphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
const secretAlphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

function newAccessKey(): AccessKey {
  return {
    accessKeyId: `AKIA${randomText(idAlphabet, 16)}`,
    secretAccessKey: randomText(secretAlphabet, 40),
  }
}

function randomText(alphabet: string, length: number): string {
  return Array.from({ length }, () => alphabet.charAt(randomInt(alphabet.length))).join('')
}
