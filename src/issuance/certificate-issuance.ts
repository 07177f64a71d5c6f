/**
 * Has requested certificates issued, and renewed before they end. What there is to do is in the store alone: each request says when it is
 * due next, so that work goes on after a restart, and one that is removed meanwhile is forgotten.
 */
import { X509Certificate } from 'node:crypto'
import {
  type IssuedState,
  type RequestRecord,
  type RequestState,
  requestKeys,
} from '../aws/acm/request-records.ts'
import {
  type CertificateRecord,
  certificateKeys,
  sealMaterial,
} from '../aws/certificates/records.ts'
import type { Clock, Timer } from '../std/clock.ts'
import type { SecretBox } from '../std/secret-box.ts'
import type { Store, Watch } from '../store/store.ts'
import { atomically, reader, type Transaction } from '../store/transaction.ts'
import type { Logger } from '../telemetry/logger.ts'
import { withdrawAllAnswers } from './challenges.ts'
import { type IssuedCertificate, type Issuer, RefusedApplication } from './issuer.ts'
import { begun, dueAt, hasTimedOut, renewalOf } from './schedule.ts'

export interface CertificateIssuanceOptions {
  readonly store: Store
  readonly box: SecretBox
  readonly clock: Clock
  readonly logger: Logger
  /** Asked for when there is something to sign. */
  readonly issuer: () => Promise<Issuer>
}

/** Orders in progress at once. */
const maxInProgress = 4

/** A timer that is longer would overflow. */
const longestWait = 86_400_000

/** After a failed reading. */
const retryMs = 1000

export class CertificateIssuance implements Disposable {
  readonly #options: CertificateIssuanceOptions
  readonly #inProgress = new Set<string>()
  #watch: Watch | undefined
  #timer: Timer | undefined
  #looking = false
  #again = false
  #closed = false

  constructor(options: CertificateIssuanceOptions) {
    this.#options = options
  }

  async start(): Promise<void> {
    const { store } = this.#options
    await withdrawAllAnswers(store)
    this.#watch = store.watch(requestKeys.all, ({ keys }) => {
      if (keys.some(requestKeys.is)) void this.#look()
    })
    await this.#look()
  }

  /** What is in progress comes to nothing; it is due again after the next start. */
  [Symbol.dispose](): void {
    this.#closed = true
    this.#watch?.close()
    this.#timer?.cancel()
  }

  /** Begins what is due, and waits for what is next. */
  async #look(): Promise<void> {
    this.#again = true
    if (this.#looking) return
    this.#looking = true
    while (this.#again && !this.#closed) {
      this.#again = false
      const next = await this.#beginDue()
      if (!this.#closed) this.#lookAt(next)
    }
    this.#looking = false
  }

  #lookAt(time: number): void {
    const { clock } = this.#options
    const wait = Math.min(time - clock.now(), longestWait)
    this.#timer?.cancel()
    this.#timer = clock.after(Math.max(wait, 0), () => void this.#look())
    // It became due while others were read.
    if (wait <= 0) this.#again = true
  }

  /** @returns when something is due next */
  async #beginDue(): Promise<number> {
    const { store, clock, logger } = this.#options
    const now = clock.now()
    let next = Number.POSITIVE_INFINITY
    try {
      const entries = await reader(store).entries<RequestRecord>(requestKeys.all)
      for (const [key, request] of entries.filter(([each]) => requestKeys.is(each))) {
        // One that is in progress, or has no place yet, is looked at again when one has ended.
        if (this.#inProgress.has(key)) continue
        const due = dueAt(request)
        if (due > now) next = Math.min(next, due)
        else if (this.#inProgress.size < maxInProgress) void this.#work(key)
      }
    } catch (error) {
      if (!this.#closed) logger.error({ err: error }, 'reading certificate requests failed')
      return now + retryMs
    }
    return next
  }

  async #work(key: string): Promise<void> {
    this.#inProgress.add(key)
    try {
      const request = await this.#claim(key)
      if (request !== undefined) await this.#attempt(key, request)
    } catch (error) {
      if (!this.#closed) this.#options.logger.error({ err: error, key }, 'issuing failed')
    }
    this.#inProgress.delete(key)
    if (!this.#closed) await this.#look()
  }

  /** Puts the next attempt off, so that this one is ours. @returns undefined when there is nothing to attempt any more */
  #claim(key: string): Promise<RequestRecord | undefined> {
    const { store, clock } = this.#options
    return atomically(store, async (tx) => {
      const now = clock.now()
      const request = await tx.get<RequestRecord>(key)
      if (request === undefined || dueAt(request) > now) return undefined
      if (hasTimedOut(request, now)) {
        tx.put(key, { ...request, state: { kind: 'timed-out' } satisfies RequestState })
        return undefined
      }
      const claimed = { ...request, state: attempted(request.state, now) }
      tx.put(key, claimed)
      return claimed
    })
  }

  async #attempt(key: string, request: RequestRecord): Promise<void> {
    const { issuer, logger } = this.#options
    const { arn } = request
    try {
      const issued = await (await issuer()).issue(request)
      await this.#change(key, (tx, current) => this.#store(tx, key, current, issued))
      logger.info({ arn, names: request.names }, 'certificate issued')
    } catch (error) {
      if (this.#closed) return
      const refused = error instanceof RefusedApplication
      const text = refused ? 'certificate refused' : 'certificate not issued; trying again later'
      logger.warn({ err: error, arn, names: request.names }, text)
      await this.#change(key, (tx, current) => {
        tx.put(key, { ...current, state: failed(current.state, error, this.#options.clock.now()) })
      })
    }
  }

  #store(tx: Transaction, key: string, request: RequestRecord, issued: IssuedCertificate): void {
    const { box, clock } = this.#options
    const { arn, region, id } = request
    const certificateKey = certificateKeys.ofAcm(region, id)
    const certificate: CertificateRecord = { arn, ...sealMaterial(issued, certificateKey, box) }
    tx.put(certificateKey, certificate)
    tx.put(key, { ...request, state: issuedState(request.state, issued, clock.now()) })
  }

  /** Of a request that is still there. */
  async #change(
    key: string,
    change: (tx: Transaction, current: RequestRecord) => void,
  ): Promise<void> {
    await atomically(this.#options.store, async (tx) => {
      const current = await tx.get<RequestRecord>(key)
      if (current !== undefined) change(tx, current)
    })
  }
}

function attempted(state: RequestState, now: number): RequestState {
  if (state.kind !== 'pending' && state.kind !== 'issued') return state
  const attempts = begun(state.attempts, state.kind, now)
  if (state.kind === 'pending') return { ...state, attempts }
  return { ...state, attempts, renewal: { status: 'pending', updatedAt: now } }
}

function failed(state: RequestState, error: unknown, now: number): RequestState {
  if (state.kind === 'issued') return { ...state, renewal: { status: 'blocked', updatedAt: now } }
  if (error instanceof RefusedApplication) return { kind: 'failed', reason: error.reason }
  return state
}

function issuedState(before: RequestState, { body }: IssuedCertificate, now: number): IssuedState {
  const notAfter = new X509Certificate(body).validToDate.getTime()
  const renewal = before.kind === 'issued' ? ({ status: 'success', updatedAt: now } as const) : null
  return { kind: 'issued', issuedAt: now, notAfter, attempts: renewalOf(notAfter, now), renewal }
}
