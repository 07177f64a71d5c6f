/**
 * Duration-based stickiness (guide, p. 79). The load balancer's cookie binds for as long as the client keeps it: it is not set again
 * while it holds, and that it should have expired is the client's to know. A target that takes no traffic is as no cookie.
 */
import { cookieValues } from './cookies.ts'
import type { HeadText, Session, Stickiness } from './session.ts'
import { cookieFields } from './set-cookie-field.ts'
import type { Tokens } from './tokens.ts'

export class LbCookie<T> implements Stickiness<T> {
  readonly tokens: Tokens<T>
  readonly #name: string
  /** The same for requests from other sites' pages, where browsers ask for `SameSite=None; Secure`. */
  readonly #crossSiteName: string
  readonly #attributes: string

  /** @param name the cookie's @param lifetime milliseconds; null: as long as the browser session */
  constructor(tokens: Tokens<T>, name: string, lifetime: number | null) {
    this.tokens = tokens
    this.#name = name
    this.#crossSiteName = `${name}CORS`
    const maxAge = lifetime === null ? '' : `;MAX-AGE=${Math.floor(lifetime / 1000)}`
    this.#attributes = `;PATH=/${maxAge}`
  }

  session(head: string): Session<T> {
    const bound = this.#bound(head, this.#name) ?? this.#bound(head, this.#crossSiteName)
    return { bound, marks: (response, by) => (by === bound ? '' : this.#set(response, by)) }
  }

  #bound(head: string, cookie: string): T | undefined {
    for (const value of cookieValues(head, cookie)) {
      const target = this.tokens.target(value)
      if (target !== undefined) return target
    }
    return undefined
  }

  #set(response: HeadText, by: T): string {
    const token = this.tokens.token(by)
    if (token === undefined) return ''
    const rest = `=${token}${this.#attributes}`
    return cookieFields(response, [
      `${this.#name}${rest}`,
      `${this.#crossSiteName}${rest};SECURE;SAMESITE=None`,
    ])
  }
}
