/**
 * What TLS session tickets are sealed with: the same in all engine threads, so that a client resumes its session whichever thread it
 * meets. In memory only, and made anew every so often: who gets hold of one reads what was said under it before (RFC 5077, section 5.5).
 */
import { randomBytes } from 'node:crypto'
import type { Clock, Timer } from '../std/clock.ts'

/** Clients of before shake hands in full once: as rare as it can be while a day's traffic is never under one key. */
const lifetimeMs = 12 * 60 * 60 * 1000
/** Node's: a name, a key of HMAC and one of AES, 16 bytes each. */
const keyBytes = 48

export class TicketKeys implements Disposable {
  current: Uint8Array = randomBytes(keyBytes)
  readonly #timer: Timer

  /** @param changed told of the next ones */
  constructor(clock: Clock, changed: (keys: Uint8Array) => void) {
    this.#timer = clock.every(lifetimeMs, () => {
      this.current = randomBytes(keyBytes)
      changed(this.current)
    })
  }

  [Symbol.dispose](): void {
    this.#timer.cancel()
  }
}
