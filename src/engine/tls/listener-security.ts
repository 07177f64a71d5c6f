/** What the clients of one listener are shown. Immutable: a listener whose settings change gets another one. */
import { createHash, createPrivateKey, X509Certificate } from 'node:crypto'
import type { SecureContextOptions } from 'node:tls'
import type { Certificate, ListenerTls } from '../../snapshot/snapshot.ts'
import type { Logger } from '../../telemetry/logger.ts'
import { type Credentials, isOlder, type ServerTls } from '../wire/tls.ts'
import type { CertificateNames } from './certificate-names.ts'
import { policyOptions } from './policy.ts'
import type { ContextSetup, SecureContexts } from './secure-contexts.ts'
import { NameIndex } from './server-names.ts'

/** Seconds after which a client's certificate is judged again. */
const judgedAgain = 300

/** What is needed beside the listener's own settings. */
export interface SecuritySurroundings {
  /** Names the listener: sessions of one are not resumed at another, which may be somebody else's. */
  readonly identity: string
  /** Of the snapshot, by id. */
  readonly certificates: ReadonlyMap<string, Certificate>
  readonly contexts: SecureContexts
  readonly names: CertificateNames
  readonly logger: Logger
}

export class ListenerSecurity {
  /** Why no handshake can succeed; null when they can, as far as is known before the first. */
  readonly failure: string | null
  readonly spec: ListenerTls
  readonly alpn: readonly string[]
  readonly #olderAlpn: readonly string[] | null
  readonly #surroundings: SecuritySurroundings
  readonly #options: SecureContextOptions | null
  readonly #default: Certificate | undefined
  /** Of all that the contexts of this listener have in common. */
  readonly #key: string
  readonly #complained = new Set<string>()
  #names: NameIndex | null = null

  /** @param alpn what may be spoken inside; empty: clients are not asked */
  constructor(spec: ListenerTls, alpn: readonly string[], surroundings: SecuritySurroundings) {
    this.spec = spec
    this.alpn = alpn
    this.#olderAlpn = olderAlpn(spec, alpn)
    this.#surroundings = surroundings
    this.#options = policyOptions(spec.policy)
    this.#default = surroundings.certificates.get(spec.certificate)
    const shared = JSON.stringify([surroundings.identity, spec.policy, spec.clientCa])
    this.#key = createHash('sha256').update(shared).digest('base64')
    if (this.#options === null) this.failure = 'its TLS policy has no protocol with a known cipher'
    else if (this.#default === undefined) this.failure = 'its certificate is missing'
    else this.failure = null
  }

  /** For one handshake; null when it cannot succeed. */
  role(): ServerTls | null {
    if (this.failure !== null || this.#default === undefined) return null
    const credentials = this.#credentials([this.#default])
    if (credentials === null) return null
    return {
      side: 'server',
      credentials,
      shown: credentials,
      byName: this.spec.sni.length === 0 ? null : this.#byName,
      alpn: this.alpn,
      olderAlpn: this.#olderAlpn,
      asksCertificate: this.spec.clientCa !== null,
    }
  }

  readonly #byName = (name: string): Credentials | null => {
    this.#names ??= this.#indexNames()
    const certificates = this.#names.find(name)
    return certificates === null ? null : this.#credentials(certificates)
  }

  #indexNames(): NameIndex {
    const { certificates, names } = this.#surroundings
    const named = this.spec.sni.flatMap((id) => certificates.get(id) ?? [])
    return new NameIndex(named, this.spec.sniMatch, names.of)
  }

  /** Of certificates with keys of different kinds, OpenSSL takes the one that suits the client. */
  #credentials(certificates: readonly Certificate[]): Credentials | null {
    const ids = certificates.map(({ id }) => id).join(' ')
    try {
      const setup = () => this.#contextSetup(certificates)
      const { contexts } = this.#surroundings
      const context = contexts.get(`${this.#key} ${ids}`, setup)
      // Which of several is shown is not known before.
      const staple = certificates.length === 1 ? contexts.stapleOf(ids) : null
      const [first] = certificates
      const certificate = certificates.length === 1 ? (first?.name ?? ids) : null
      return { context, staple, certificate }
    } catch (error) {
      this.#complain(ids, error)
      return null
    }
  }

  #contextSetup(certificates: readonly Certificate[]): ContextSetup {
    for (const certificate of certificates) checkKey(certificate)
    const { clientCa } = this.spec
    // Of two with keys of one kind, OpenSSL has the last.
    const reversed = certificates.toReversed()
    const options = {
      ...this.#options,
      cert: reversed.map(({ chain }) => chain),
      key: reversed.map(({ key }) => key),
      ca: clientCa ?? [],
      sessionIdContext: this.#key.slice(0, 32),
      ...(clientCa === null ? {} : { sessionTimeout: judgedAgain }),
    }
    // A client that resumes a session is not asked for its certificate, which may have ended meanwhile.
    return { options, renewsTickets: clientCa === null }
  }

  /** Once a certificate: handshakes are many. */
  #complain(certificates: string, error: unknown): void {
    if (this.#complained.has(certificates)) return
    this.#complained.add(certificates)
    this.#surroundings.logger.error({ certificates, err: error }, 'cannot use a certificate')
  }
}

/** HTTP/2 is spoken in TLS 1.2 and newer only (RFC 9113, section 9.2). */
function olderAlpn({ policy }: ListenerTls, alpn: readonly string[]): readonly string[] | null {
  const differs = policy.protocols.some(isOlder) && alpn.includes('h2')
  return differs ? alpn.filter((name) => name !== 'h2') : null
}

/** OpenSSL says nothing when they are of different kinds. */
function checkKey({ chain, key }: Certificate): void {
  if (!new X509Certificate(chain).checkPrivateKey(createPrivateKey(key))) {
    throw new Error('the private key is of another certificate')
  }
}
