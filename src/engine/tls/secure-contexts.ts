/** What OpenSSL is set up with, made when it is first needed and shared by all connections of an engine. */
import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls'
import { SessionTickets } from './session-tickets.ts'

export interface ContextSetup {
  readonly options: SecureContextOptions
  /** Clients that resume a session are given a ticket for the next time. */
  readonly renewsTickets: boolean
}

/**
 * How many are kept: those that were not used for longest go. To make one takes about half a
 * handshake's time, and 24 KB.
 */
const maxContexts = 5000

export class SecureContexts {
  readonly #max: number
  /** Least recently used first. */
  readonly #contexts = new Map<string, SecureContext>()
  readonly #tickets = new SessionTickets()
  /** By Certificate.id. */
  readonly #staples = new Map<string, Buffer>()

  /** @param max how many are kept. Connections keep what they have. */
  constructor(max = maxContexts) {
    this.#max = max
  }

  /**
   * @param key of everything that is in the setup
   * @throws Error when OpenSSL does not take the options
   */
  get(key: string, setup: () => ContextSetup): SecureContext {
    let context = this.#contexts.get(key)
    if (context !== undefined) this.#contexts.delete(key)
    context ??= this.#create(setup())
    this.#contexts.set(key, context)
    if (this.#contexts.size > this.#max) {
      for (const [oldest] of this.#contexts) {
        this.#contexts.delete(oldest)
        break
      }
    }
    return context
  }

  /** @param keys newest first */
  setTicketKeys(keys: readonly Uint8Array[]): void {
    this.#tickets.setKeys(keys)
    for (const context of this.#contexts.values()) this.#tickets.update(context)
  }

  /** @param answer an OCSP response to show with the certificate; null: none any more */
  setStaple(certificate: string, answer: Uint8Array | null): void {
    if (answer === null) this.#staples.delete(certificate)
    else this.#staples.set(certificate, Buffer.from(answer))
  }

  stapleOf(certificate: string): Buffer | null {
    return this.#staples.get(certificate) ?? null
  }

  #create({ options, renewsTickets }: ContextSetup): SecureContext {
    const context = createSecureContext(options)
    this.#tickets.equip(context, renewsTickets)
    return context
  }
}
