/**
 * Keeps an answer of the responder of each certificate that names one, for handshakes to show (OCSP stapling, RFC 6066, section 8).
 * Handshakes never wait for it: what is not there is not shown.
 */
import { X509Certificate } from 'node:crypto'
import type { Certificate } from '../../snapshot/snapshot.ts'
import type { Clock, Timer } from '../../std/clock.ts'
import type { Logger } from '../../telemetry/logger.ts'
import type { OcspSubject } from './ocsp-subject.ts'

/** A responder that takes longer than this has failed. */
const timeoutMs = 10_000
const maxAnswerBytes = 65_536
const firstRetryMs = 60_000
const longestRetryMs = 60 * 60 * 1000
/** Answers may be good for weeks; a certificate that is revoked is to be noticed earlier. */
const longestRefreshMs = 12 * 60 * 60 * 1000

export interface OcspStaplerOptions {
  readonly clock: Clock
  readonly logger: Logger
  /** Told of a new answer, and with null when there is none any more. */
  readonly changed: (certificate: string, answer: Uint8Array | null) => void
}

export class OcspStapler implements Disposable {
  readonly #options: OcspStaplerOptions
  readonly #asked = new Map<string, Inquiry | null>()

  constructor(options: OcspStaplerOptions) {
    this.#options = options
  }

  /** Asks for these certificates from now on, and for no others. */
  apply(certificates: readonly Certificate[]): void {
    const wanted = new Set(certificates.map(({ id }) => id))
    for (const [id, inquiry] of this.#asked) {
      if (wanted.has(id)) continue
      inquiry?.end()
      this.#asked.delete(id)
    }
    for (const certificate of certificates) {
      if (!this.#asked.has(certificate.id)) this.#asked.set(certificate.id, this.#ask(certificate))
    }
  }

  [Symbol.dispose](): void {
    for (const inquiry of this.#asked.values()) inquiry?.[Symbol.dispose]()
    this.#asked.clear()
  }

  #ask(certificate: Certificate): Inquiry | null {
    return namesResponder(certificate) ? new Inquiry(certificate, this.#options) : null
  }
}

/** false also for a chain that cannot be read: who serves it says so. */
function namesResponder({ chain }: Certificate): boolean {
  try {
    return new X509Certificate(chain).infoAccess?.includes('OCSP - URI:') ?? false
  } catch {
    return false
  }
}

/** Few certificates name a responder any more: what reads ASN.1 is loaded when one does. */
async function readSubject({ chain }: Certificate): Promise<OcspSubject> {
  const { OcspSubject } = await import('./ocsp-subject.ts')
  return OcspSubject.of(chain)
}

/** Asks about one certificate, again and again. */
class Inquiry implements Disposable {
  readonly #certificate: string
  readonly #subject: Promise<OcspSubject>
  readonly #options: OcspStaplerOptions
  readonly #stopped = new AbortController()
  #timer: Timer | undefined
  /** Until when the answer that is shown is good; 0: none is shown. */
  #until = 0
  /** In a row. */
  #failures = 0

  constructor(certificate: Certificate, options: OcspStaplerOptions) {
    this.#certificate = certificate.id
    this.#subject = readSubject(certificate)
    this.#options = options
    void this.#refresh()
  }

  [Symbol.dispose](): void {
    this.#stopped.abort()
    this.#timer?.cancel()
  }

  /** Nothing is shown with the certificate any more. */
  end(): void {
    this[Symbol.dispose]()
    this.#forget()
  }

  async #refresh(): Promise<void> {
    const { clock, logger, changed } = this.#options
    try {
      const subject = await this.#subject
      const answer = await this.#fetch(subject)
      if (this.#stopped.signal.aborted) return
      this.#until = subject.judge(answer, clock.now())
      this.#failures = 0
      changed(this.#certificate, answer)
    } catch (error) {
      if (this.#stopped.signal.aborted) return
      this.#failures += 1
      logger.warn(
        { err: error, certificate: this.#certificate },
        'no OCSP answer to show with a certificate',
      )
    }
    if (!this.#stopped.signal.aborted) this.#schedule()
  }

  async #fetch({ url, request }: OcspSubject): Promise<Uint8Array> {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/ocsp-request' },
      body: new Uint8Array(request),
      signal: AbortSignal.any([this.#stopped.signal, AbortSignal.timeout(timeoutMs)]),
    })
    if (!response.ok) throw new Error(`the responder answered ${response.status}`)
    return readAtMost(response, maxAnswerBytes)
  }

  #schedule(): void {
    if (this.#left <= 0) this.#forget()
    this.#timer = this.#options.clock.after(this.#delay(), () => void this.#refresh())
  }

  /** In the middle of what is left of the answer; after failures more and more seldom, and when it ends. */
  #delay(): number {
    const left = this.#left
    if (this.#failures === 0) return Math.min(left / 2, longestRefreshMs)
    const retry = Math.min(firstRetryMs * 2 ** (this.#failures - 1), longestRetryMs)
    return left > 0 ? Math.min(retry, left) : retry
  }

  get #left(): number {
    return this.#until - this.#options.clock.now()
  }

  #forget(): void {
    if (this.#until === 0) return
    this.#until = 0
    this.#options.changed(this.#certificate, null)
  }
}

/** @throws Error when there is more */
async function readAtMost(response: Response, limit: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  let length = 0
  for await (const piece of response.body ?? []) {
    length += piece.length
    if (length > limit) throw new Error(`the answer has more than ${limit} bytes`)
    pieces.push(piece)
  }
  return Buffer.concat(pieces)
}
