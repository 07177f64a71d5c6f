/**
 * Weir's own certificate authority, for where no other is set: it signs whatever the owner of this Weir asks for, and nobody trusts it who
 * was not given its root. Made when it is first needed.
 */
import 'reflect-metadata'
import { createPrivateKey, type KeyObject, randomBytes } from 'node:crypto'
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509'
import type { Clock } from '../std/clock.ts'
import type { SecretBox } from '../std/secret-box.ts'
import type { Store } from '../store/store.ts'
import { atomically } from '../store/transaction.ts'
import type { Application, IssuedCertificate, Issuer } from './issuer.ts'
import { newKeyPair, privateKeyPem } from './private-key.ts'
import { secretKeys } from './secrets.ts'

const storeKey = secretKeys.localCa
const day = 86_400_000

/** Ten years; a certificate's is ACM's: 13 months. */
const rootLife = 3652 * day
const certificateLife = 395 * day

/** Clients' clocks may be behind. */
const backdating = 300_000

const signature = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' } as const

interface LocalCaRecord {
  /** PEM of the root. */
  readonly certificate: string
  readonly sealedKey: string
  /** PEM of the roots before: what they signed may still be in use. */
  readonly former: readonly string[]
}

export class LocalCa implements Issuer {
  readonly #store: Store
  readonly #box: SecretBox
  readonly #clock: Clock

  constructor(store: Store, box: SecretBox, clock: Clock) {
    this.#store = store
    this.#box = box
    this.#clock = clock
  }

  /** PEM of the roots that clients should trust, the one that signs now first. */
  async roots(): Promise<string> {
    const { certificate, former } = await this.#authority()
    return [certificate, ...former].map((root) => `${root}\n`).join('')
  }

  async issue({ names, keyAlgorithm }: Application): Promise<IssuedCertificate> {
    const { certificate, sealedKey } = await this.#authority()
    const root = new X509Certificate(certificate)
    const { publicKey, privateKey } = await newKeyPair(keyAlgorithm)
    const now = this.#clock.now()
    const notAfter = Math.min(now + certificateLife, root.notAfter.getTime())
    const spki = publicKey.export({ type: 'spki', format: 'der' })
    const signed = await X509CertificateGenerator.create({
      serialNumber: newSerialNumber(),
      subject: [{ CN: [names[0]] }],
      issuer: root.subjectName,
      notBefore: new Date(now - backdating),
      notAfter: new Date(notAfter),
      publicKey: spki,
      signingAlgorithm: signature,
      signingKey: await signingKey(createPrivateKey(this.#box.open(sealedKey, storeKey))),
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(usages(keyAlgorithm), true),
        new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
        new SubjectAlternativeNameExtension(names.map((value) => ({ type: 'dns', value }))),
        await AuthorityKeyIdentifierExtension.create(root.publicKey),
        await SubjectKeyIdentifierExtension.create(spki),
      ],
    })
    return { body: pem(signed), chain: null, privateKey: privateKeyPem(privateKey) }
  }

  /** The authority, made anew when there is none that outlives what it signs. */
  async #authority(): Promise<LocalCaRecord> {
    const { entry, fits } = await this.#stored()
    if (entry !== undefined && fits) return entry
    const made = await this.#make()
    return atomically(this.#store, async (tx) => {
      const existing = await tx.get<LocalCaRecord>(storeKey)
      if (existing !== undefined && existing.certificate !== entry?.certificate) return existing
      const former = existing === undefined ? [] : [existing.certificate, ...existing.former]
      const record: LocalCaRecord = {
        ...made,
        former: former.filter((root) => this.#lives(root, 0)),
      }
      tx.put(storeKey, record)
      return record
    })
  }

  async #stored(): Promise<{ entry: LocalCaRecord | undefined; fits: boolean }> {
    const entry = await this.#store.get(storeKey)
    if (entry === undefined) return { entry: undefined, fits: false }
    const record = JSON.parse(entry.value) as LocalCaRecord
    return { entry: record, fits: this.#lives(record.certificate, certificateLife) }
  }

  #lives(root: string, ms: number): boolean {
    return new X509Certificate(root).notAfter.getTime() >= this.#clock.now() + ms
  }

  async #make(): Promise<Pick<LocalCaRecord, 'certificate' | 'sealedKey'>> {
    const { publicKey, privateKey } = await newKeyPair('RSA_3072')
    const spki = publicKey.export({ type: 'spki', format: 'der' })
    const now = this.#clock.now()
    const name = [
      { O: ['Weir local CA'] },
      { CN: [`Weir local CA ${randomBytes(4).toString('hex')}`] },
    ]
    const extensions: Extension[] = [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(spki),
    ]
    const root = await X509CertificateGenerator.create({
      serialNumber: newSerialNumber(),
      subject: name,
      issuer: name,
      notBefore: new Date(now - backdating),
      notAfter: new Date(now + rootLife),
      publicKey: spki,
      signingAlgorithm: signature,
      signingKey: await signingKey(privateKey),
      extensions,
    })
    return {
      certificate: pem(root),
      sealedKey: this.#box.seal(privateKeyPem(privateKey), storeKey),
    }
  }
}

/** 128 bits, of which the first keeps the number positive (RFC 5280, section 4.1.2.2). */
function newSerialNumber(): string {
  const bytes = randomBytes(16)
  bytes.writeUInt8((bytes.readUInt8() & 0x7f) | 0x40)
  return bytes.toString('hex')
}

/** An RSA key also takes secrets that clients encrypt for it, in handshakes without Diffie-Hellman. */
function usages(algorithm: Application['keyAlgorithm']): KeyUsageFlags {
  const { digitalSignature, keyEncipherment } = KeyUsageFlags
  return algorithm.startsWith('RSA') ? digitalSignature | keyEncipherment : digitalSignature
}

async function signingKey(key: KeyObject): Promise<CryptoKey> {
  return key.toCryptoKey(signature, false, ['sign'])
}

function pem(certificate: X509Certificate): string {
  return certificate.toString('pem').trim()
}
