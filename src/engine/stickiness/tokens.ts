/**
 * Which cookie value stands for which target.
 *
 * A token is a keyed hash of the target's identity in its pool. It tells nothing, cannot be made without the key, and is the same
 * on every thread, every proxy and after every restart. No token is ever opened: each available target's is known beforehand and
 * looked up, so a value that is forged, cut short, of another pool, or of a target that is gone finds nothing.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'

/** Of SHA-256's 32 bytes: 160 bits cannot be guessed, and cookies are sent with every request. */
const tokenBytes = 20
const sealBytes = 16

/** A target that takes traffic now, as the pool knows it. */
export interface Candidate<T> {
  readonly id: string
  readonly target: T
}

export class Tokens<T> {
  readonly #key: string
  readonly #pool: string
  readonly #byId = new Map<string, string>()
  readonly #targets = new Map<string, T>()
  readonly #tokens = new Map<T, string>()

  /**
   * @param key base64; one load balancer's own
   * @param before what was in force: its hashes are not computed again
   */
  constructor(
    key: string,
    pool: string,
    candidates: readonly Candidate<T>[],
    before: Tokens<T> | null,
  ) {
    this.#key = key
    this.#pool = pool
    const known = before?.known(key, pool)
    for (const { id, target } of candidates) {
      const token = known?.get(id) ?? this.#token(id)
      this.#byId.set(id, token)
      this.#targets.set(token, target)
      this.#tokens.set(target, token)
    }
  }

  /** Tokens by target id, if they are of that key and pool. */
  known(key: string, pool: string): ReadonlyMap<string, string> | undefined {
    return this.#key === key && this.#pool === pool ? this.#byId : undefined
  }

  /** The available target that a cookie's value stands for. */
  target(token: string): T | undefined {
    return this.#targets.get(token)
  }

  /** undefined when the target takes no new traffic: nobody is to be bound to it then. */
  token(target: T): string | undefined {
    return this.#tokens.get(target)
  }

  /** `text`, which is no secret, in a form that only the holder of the key can make. */
  seal(text: string): string {
    const bytes = Buffer.from(text, 'latin1')
    return Buffer.concat([this.#mac(bytes), bytes]).toString('base64url')
  }

  /** undefined for what was not sealed for this pool. */
  open(sealed: string): string | undefined {
    const all = Buffer.from(sealed, 'base64url')
    if (all.length < sealBytes) return undefined
    const bytes = all.subarray(sealBytes)
    return timingSafeEqual(all.subarray(0, sealBytes), this.#mac(bytes))
      ? bytes.toString('latin1')
      : undefined
  }

  #token(id: string): string {
    const hash = this.#hash('target').update(id).digest()
    return hash.toString('hex', 0, tokenBytes).toUpperCase()
  }

  #mac(bytes: Uint8Array): Buffer {
    return this.#hash('seal').update(bytes).digest().subarray(0, sealBytes)
  }

  #hash(use: 'target' | 'seal') {
    const key = Buffer.from(this.#key, 'base64')
    return createHmac('sha256', key).update(`${use}\0${this.#pool}\0`)
  }
}
