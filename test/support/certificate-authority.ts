/** Certificates for tests, made as they are needed: a root, authorities below it, and servers' certificates of every kind of key. */
import 'reflect-metadata'
import type { webcrypto } from 'node:crypto'
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type JsonNameParams,
  KeyUsageFlags,
  KeyUsagesExtension,
  Name,
  PemConverter,
  SubjectAlternativeNameExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509'

const kinds = {
  'P-256': { name: 'ECDSA', namedCurve: 'P-256' },
  'P-384': { name: 'ECDSA', namedCurve: 'P-384' },
  'P-521': { name: 'ECDSA', namedCurve: 'P-521' },
  'RSA-512': rsa(512),
  'RSA-1024': rsa(1024),
  'RSA-2048': rsa(2048),
  'RSA-4096': rsa(4096),
} as const

export type KeyKind = keyof typeof kinds

export interface ServerCertificate {
  /** PEM. */
  readonly certificate: string
  /** PEM of PKCS #8. */
  readonly privateKey: string
  /** Base64 of DER, as public key policies have it. */
  readonly publicKey: string
}

export interface ServerCertificateOptions {
  /** Its first name is the subject's too. */
  readonly names?: readonly string[]
  readonly key?: KeyKind
  readonly notBefore?: Date
  readonly notAfter?: Date
  /** Default `server`. */
  readonly usage?: 'server' | 'client'
  /** Absent: its first name. */
  readonly subject?: JsonNameParams
}

type CryptoKeyPair = webcrypto.CryptoKeyPair

const day = 86_400_000

export class CertificateAuthority {
  readonly #certificate: X509Certificate
  readonly #keys: CryptoKeyPair
  readonly #parent: CertificateAuthority | null

  private constructor(
    certificate: X509Certificate,
    keys: CryptoKeyPair,
    parent: CertificateAuthority | null,
  ) {
    this.#certificate = certificate
    this.#keys = keys
    this.#parent = parent
  }

  static async create(name = 'Test Root'): Promise<CertificateAuthority> {
    const keys = await newKeys('P-256')
    const certificate = await X509CertificateGenerator.createSelfSigned({
      name: `CN=${name}, O=Weir Tests`,
      keys,
      signingAlgorithm,
      ...validity({}),
      extensions: authorityExtensions,
    })
    return new CertificateAuthority(certificate, keys, null)
  }

  /** An authority that this one signs. */
  async intermediate(name = 'Test Intermediate'): Promise<CertificateAuthority> {
    const keys = await newKeys('P-256')
    const certificate = await X509CertificateGenerator.create({
      subject: `CN=${name}, O=Weir Tests`,
      issuer: this.#certificate.subject,
      publicKey: keys.publicKey,
      signingKey: this.#keys.privateKey,
      signingAlgorithm,
      ...validity({}),
      extensions: authorityExtensions,
    })
    return new CertificateAuthority(certificate, keys, this)
  }

  /** PEM of its own certificate. */
  get certificate(): string {
    return pemOf(this.#certificate)
  }

  /** PEM of what a server's certificate needs beside it: all authorities up to the root, and that. */
  get chain(): string {
    return this.certificate + (this.#parent?.chain ?? '')
  }

  async server(options: ServerCertificateOptions = {}): Promise<ServerCertificate> {
    const { names = ['www.example.com'], key = 'P-256', subject } = options
    const keys = await newKeys(key)
    const certificate = await X509CertificateGenerator.create({
      subject: new Name(subject ?? `CN=${names[0]}`),
      issuer: this.#certificate.subject,
      publicKey: keys.publicKey,
      signingKey: this.#keys.privateKey,
      signingAlgorithm,
      ...validity(options),
      extensions: [
        new SubjectAlternativeNameExtension(names.map((value) => ({ type: 'dns', value }))),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature | KeyUsageFlags.keyEncipherment),
        new ExtendedKeyUsageExtension([
          options.usage === 'client' ? ExtendedKeyUsage.clientAuth : ExtendedKeyUsage.serverAuth,
        ]),
      ],
    })
    return served(certificate, keys)
  }
}

/** A server's certificate that nobody but itself has signed. */
export async function selfSigned(
  options: ServerCertificateOptions = {},
): Promise<ServerCertificate> {
  const { names = ['www.example.com'], key = 'P-256' } = options
  const keys = await newKeys(key)
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: `CN=${names[0]}`,
    keys,
    signingAlgorithm: key.startsWith('RSA') ? kinds[key] : signingAlgorithm,
    ...validity(options),
    extensions: [
      new SubjectAlternativeNameExtension(names.map((value) => ({ type: 'dns', value }))),
    ],
  })
  return served(certificate, keys)
}

const signingAlgorithm = { name: 'ECDSA', hash: 'SHA-256' }

const authorityExtensions = [
  new BasicConstraintsExtension(true, undefined, true),
  new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
]

function rsa(modulusLength: number) {
  const publicExponent = new Uint8Array([1, 0, 1])
  return { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', modulusLength, publicExponent }
}

function newKeys(kind: KeyKind): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey(kinds[kind], true, ['sign', 'verify'])
}

function validity({ notBefore, notAfter }: ServerCertificateOptions) {
  return {
    notBefore: notBefore ?? new Date(Date.now() - day),
    notAfter: notAfter ?? new Date(Date.now() + 90 * day),
  }
}

async function served(
  certificate: X509Certificate,
  { privateKey }: CryptoKeyPair,
): Promise<ServerCertificate> {
  const pkcs8 = await crypto.subtle.exportKey('pkcs8', privateKey)
  return {
    certificate: pemOf(certificate),
    privateKey: `${PemConverter.encode(pkcs8, PemConverter.PrivateKeyTag)}\n`,
    publicKey: Buffer.from(certificate.publicKey.rawData).toString('base64'),
  }
}

function pemOf(certificate: X509Certificate): string {
  return `${certificate.toString('pem')}\n`
}
