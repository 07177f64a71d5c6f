/** The key that messages are signed with, and its certificate, which receivers verify them by. */
import { createHash, createSign } from 'node:crypto'
import { snsSecretKeys } from '../aws/sns/records.ts'
import type { SecretBox } from '../std/secret-box.ts'
import type { Store } from '../store/store.ts'
import { atomically, reader } from '../store/transaction.ts'

const storeKey = snsSecretKeys.signing

interface IdentityRecord {
  /** PEM. */
  readonly certificate: string
  readonly sealedKey: string
}

interface Identity {
  readonly certificate: string
  readonly privateKey: string
}

/** SignatureVersion, and the hash that it stands for. */
const hashes = { '1': 'RSA-SHA1', '2': 'RSA-SHA256' } as const

export interface Signature {
  /** Base64. */
  readonly signature: string
  /** Where the API port shows the certificate. */
  readonly certificatePath: string
}

/** Made when there is something to sign, once: the key lies sealed in the store. */
export class SigningIdentity {
  readonly #store: Store
  readonly #box: SecretBox
  #identity: Promise<Identity> | undefined

  constructor(store: Store, box: SecretBox) {
    this.#store = store
    this.#box = box
  }

  async sign(text: string, version: keyof typeof hashes): Promise<Signature> {
    const { certificate, privateKey } = await this.#ready()
    const signature = createSign(hashes[version]).update(text).sign(privateKey, 'base64')
    return { signature, certificatePath: pathOf(certificate) }
  }

  /** PEM of the certificate at that path; undefined when it is none of ours. */
  async certificateAt(path: string): Promise<string | undefined> {
    const record = await reader(this.#store).get<IdentityRecord>(storeKey)
    return record !== undefined && path === pathOf(record.certificate)
      ? record.certificate
      : undefined
  }

  #ready(): Promise<Identity> {
    this.#identity ??= this.#open()
    this.#identity.catch(() => {
      this.#identity = undefined
    })
    return this.#identity
  }

  async #open(): Promise<Identity> {
    const known = await reader(this.#store).get<IdentityRecord>(storeKey)
    if (known !== undefined) return this.#unsealed(known)
    // Its libraries take a good part of a second, and tens of megabytes.
    const { makeSigningCertificate } = await import('./signing-certificate.ts')
    const fresh = await makeSigningCertificate()
    return atomically(this.#store, async (tx) => {
      const existing = await tx.get<IdentityRecord>(storeKey)
      if (existing !== undefined) return this.#unsealed(existing)
      const { certificate, privateKey } = fresh
      const record: IdentityRecord = {
        certificate,
        sealedKey: this.#box.seal(privateKey, storeKey),
      }
      tx.put(storeKey, record)
      return fresh
    })
  }

  #unsealed({ certificate, sealedKey }: IdentityRecord): Identity {
    return { certificate, privateKey: this.#box.open(sealedKey, storeKey) }
  }
}

function pathOf(certificate: string): string {
  const hash = createHash('sha256').update(certificate).digest('hex').slice(0, 32)
  return `/SimpleNotificationService-${hash}.pem`
}
