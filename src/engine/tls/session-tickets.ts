/**
 * What session tickets are sealed and opened with (RFC 5077; RFC 8446, section 4.6.1). Node documents one set of keys at a time, with
 * which a change makes all tickets void, and a client gets none to go on with after it has used one. Where its contexts ask for keys
 * (undocumented), older ones open tickets too, and clients get new ones.
 */
import { randomBytes, randomFillSync } from 'node:crypto'
import type { SecureContext } from 'node:tls'

/** The undocumented part of a context. */
interface ContextInternals {
  /** The one set of keys, which can be changed while the context is in use. */
  setTicketKeys(keys: Uint8Array): void
  enableTicketKeyCallback?(): void
  onticketkeycallback?: (name: Buffer, iv: Buffer, seals: boolean) => Answer
}

/** What OpenSSL is to do, the keys of HMAC-SHA256 and AES-128-CBC, and, for a new ticket, its first two fields. */
type Answer = readonly [outcome: number, hmac: Buffer, aes: Buffer, name?: Buffer, iv?: Buffer]

const unknown = 0
const good = 1
/** The client gets another, under the newest keys. */
const goodAndRenewed = 2

/** The three parts of Node's 48 bytes. */
class TicketKeySet {
  readonly whole: Uint8Array
  readonly name: Buffer
  readonly hmac: Buffer
  readonly aes: Buffer

  constructor(whole: Uint8Array) {
    this.whole = whole
    const copy = Buffer.from(whole)
    this.name = copy.subarray(0, 16)
    this.hmac = copy.subarray(16, 32)
    this.aes = copy.subarray(32, 48)
  }
}

/** Random bytes for many tickets: to ask for 16 costs as much as for some hundred. */
const random = Buffer.allocUnsafeSlow(1024)
let randomLeft = 0

export class SessionTickets {
  /** An engine by itself has one of its own, so that sessions outlive changes of certificates. */
  #newest = new TicketKeySet(randomBytes(48))
  #older: readonly TicketKeySet[] = []

  /** @param keys 48 bytes each: the first seals, all open */
  setKeys(keys: readonly Uint8Array[]): void {
    const [newest, ...older] = keys.map((whole) => new TicketKeySet(whole))
    if (newest === undefined) throw new RangeError('no keys for session tickets')
    this.#newest = newest
    this.#older = older
  }

  /**
   * Has a context use these keys.
   * @param renews false: a ticket that is used is the last, so that no session outlives its time
   */
  equip(context: SecureContext, renews: boolean): void {
    const internals = context.context as ContextInternals
    if (typeof internals.enableTicketKeyCallback !== 'function') {
      internals.setTicketKeys(this.#newest.whole)
      return
    }
    const outcome = renews ? goodAndRenewed : good
    internals.onticketkeycallback = (name, iv, seals) =>
      seals ? this.#seal(iv) : this.#open(name, outcome)
    internals.enableTicketKeyCallback()
  }

  /** Tells a context of changed keys, if it does not ask for them. */
  update({ context }: SecureContext): void {
    const internals = context as ContextInternals
    if (internals.onticketkeycallback === undefined) internals.setTicketKeys(this.#newest.whole)
  }

  #seal(iv: Buffer): Answer {
    const { hmac, aes, name } = this.#newest
    if (randomLeft === 0) {
      randomFillSync(random)
      randomLeft = random.length
    }
    randomLeft -= iv.length
    random.copy(iv, 0, randomLeft)
    return [good, hmac, aes, name, iv]
  }

  #open(name: Buffer, outcome: number): Answer {
    const newest = this.#newest
    if (newest.name.equals(name)) return [outcome, newest.hmac, newest.aes]
    for (const { name: known, hmac, aes } of this.#older) {
      if (known.equals(name)) return [outcome, hmac, aes]
    }
    return [unknown, newest.hmac, newest.aes]
  }
}
