/**
 * Tokens, as Keystone gives them for a password. A token is a sealed text that says who it was given to, for which project, and until
 * when: nothing of it is stored, it outlives restarts, and it ends with the access key that it was got with.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { Clock } from '../../std/clock.ts'
import type { SecretBox } from '../../std/secret-box.ts'
import type { AccessKeys } from '../wire/signature.ts'

export interface Token {
  /** The access key that it was got with; null where nobody has to say who they are. */
  readonly accessKeyId: string | null
  /** null: of the domain. */
  readonly projectId: string | null
  /** Milliseconds since the Unix epoch. */
  readonly issuedAt: number
  readonly expiresAt: number
}

/** Who proved to be somebody. */
export interface Identity {
  readonly accessKeyId: string | null
  /** When the proof ends, in milliseconds since the Unix epoch; null: it does not. */
  readonly until: number | null
}

const lifetimeMs = 24 * 3_600_000

/** What tokens are sealed under. */
const sealName = 'keystone/token'

export class Tokens {
  readonly #box: SecretBox
  readonly #keys: AccessKeys | null
  readonly #clock: Clock

  /** @param keys null where nobody has to say who they are */
  constructor(box: SecretBox, keys: AccessKeys | null, clock: Clock) {
    this.#box = box
    this.#keys = keys
    this.#clock = clock
  }

  issue(
    { accessKeyId, until }: Identity,
    projectId: string | null,
  ): { text: string; token: Token } {
    const issuedAt = this.#clock.now()
    const expiresAt = Math.min(issuedAt + lifetimeMs, until ?? Number.POSITIVE_INFINITY)
    const token = { accessKeyId, projectId, issuedAt, expiresAt }
    return { text: this.#box.seal(JSON.stringify(token), sealName), token }
  }

  /** undefined when it is none of ours, or its time is over, or its access key is gone. */
  async read(text: string): Promise<Token | undefined> {
    const token = this.#open(text)
    if (token === undefined || token.expiresAt <= this.#clock.now()) return undefined
    if (this.#keys === null) return token
    if (token.accessKeyId === null) return undefined
    const secret = await this.#keys.secretOf(token.accessKeyId)
    return secret === undefined ? undefined : token
  }

  /** Whether that is the access key's secret. */
  async accepts(accessKeyId: string, secret: string): Promise<boolean> {
    if (this.#keys === null) return true
    const expected = await this.#keys.secretOf(accessKeyId)
    return expected !== undefined && sameSecret(expected, secret)
  }

  /** Whose the tokens are that such a user gets: nobody's, where nobody has to say who they are. */
  identify(user: string): Identity {
    return { accessKeyId: this.#keys === null ? null : user, until: null }
  }

  #open(text: string): Token | undefined {
    try {
      return JSON.parse(this.#box.open(text, sealName)) as Token
    } catch {
      return undefined
    }
  }
}

/** In a time that tells nothing of where they differ. */
function sameSecret(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(a), digest(b))
}
