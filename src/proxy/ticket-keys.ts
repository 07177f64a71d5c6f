/**
 * What TLS session tickets are sealed with: the same in all engine threads, so that a client resumes its session whichever thread it
 * meets. In memory only, and made anew every so often: who gets hold of one reads what was said under it before (RFC 5077, section 5.5).
 */
import { randomBytes } from 'node:crypto'
import type { Clock, Timer } from '../std/clock.ts'

/** More than tickets are good for (OpenSSL: two hours), so those of before need the keys of before only, and a day's traffic is never under one key. */
const lifetimeMs = 12 * 60 * 60 * 1000
/** Node's: a name, a key of HMAC and one of AES, 16 bytes each. */
const keyBytes = 48

export class TicketKeys implements Disposable {
  /** Newest first: the first seals, all open. */
  current: readonly Uint8Array[] = [randomBytes(keyBytes)]
  readonly #timer: Timer

  /** @param changed told of the next ones */
  constructor(clock: Clock, changed: (keys: readonly Uint8Array[]) => void) {
    this.#timer = clock.every(lifetimeMs, () => {
      this.current = [randomBytes(keyBytes), ...this.current.slice(0, 1)]
      changed(this.current)
    })
  }

  [Symbol.dispose](): void {
    this.#timer.cancel()
  }
}
