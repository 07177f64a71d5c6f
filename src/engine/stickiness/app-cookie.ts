/**
 * Application-controlled stickiness (guide, p. 81–82). The load balancer's cookie comes with the application's and lives as long: it is
 * set when a response sets the application's, with the same attributes, and binds only while the client sends both.
 *
 * When the bound target fails, the session moves to another one for good: the cookie is set again, under the same attributes, or the
 * client would keep both. As a request does not tell them, the cookie's value carries them, sealed: `TOKEN.ATTRIBUTES`.
 */
import { attributeName, cookieValues, type SetCookie, setCookies } from './cookies.ts'
import type { HeadText, Session, Stickiness } from './session.ts'
import { cookieFields } from './set-cookie-field.ts'
import type { Tokens } from './tokens.ts'

/** Guide, p. 81: what of the application's cookie is sent in the load balancer's. */
const copied: ReadonlySet<string> = new Set([
  'path',
  'port',
  'domain',
  'secure',
  'httponly',
  'discard',
  'max-age',
  'expires',
  'version',
  'comment',
  'commenturl',
  'samesite',
])

export class AppCookie<T> implements Stickiness<T> {
  readonly tokens: Tokens<T>
  readonly #name: string
  readonly #cookie: string

  /** @param name the load balancer's cookie @param cookie the application's */
  constructor(tokens: Tokens<T>, name: string, cookie: string) {
    this.tokens = tokens
    this.#name = name
    this.#cookie = cookie
  }

  session(head: string): Session<T> {
    const alive = cookieValues(head, this.#cookie).length > 0
    const values = alive ? cookieValues(head, this.#name) : []
    const bound = this.#bound(values)
    return { bound, marks: (response, by) => this.#marks(response, by, by === bound, values) }
  }

  #bound(values: readonly string[]): T | undefined {
    for (const value of values) {
      const target = this.tokens.target(value.slice(0, split(value)))
      if (target !== undefined) return target
    }
    return undefined
  }

  #marks(response: HeadText, by: T, kept: boolean, values: readonly string[]): string {
    const renewed = setCookies(response.text, this.#cookie).findLast(isFollowed)
    const lost = kept ? undefined : this.#attributesIn(values)
    const attributes = renewed === undefined ? lost : attributesOf(renewed)
    const token = this.tokens.token(by)
    if (attributes === undefined || token === undefined) return ''
    const value = `${token}.${this.tokens.seal(attributes)}`
    return cookieFields(response, [`${this.#name}=${value};${attributes}`])
  }

  /** Of the first value that is our own. */
  #attributesIn(values: readonly string[]): string | undefined {
    for (const value of values) {
      const attributes = this.tokens.open(value.slice(split(value) + 1))
      if (attributes !== undefined) return attributes
    }
    return undefined
  }
}

/** Where the attributes begin in a cookie's value. */
function split(value: string): number {
  const dot = value.indexOf('.')
  return dot < 0 ? value.length : dot
}

/** A cookie that ends with a semicolon is ignored (guide, p. 78). */
function isFollowed({ attributes }: SetCookie): boolean {
  return attributes.at(-1) !== ''
}

function attributesOf({ attributes }: SetCookie): string {
  const taken = attributes.filter((one) => copied.has(attributeName(one))).map(encoded)
  const scoped = taken.some((one) => attributeName(one) === 'path')
  return (scoped ? taken : ['PATH=/', ...taken]).join(';')
}

/** Guide, p. 78: underscores of a path are written `%5F`. */
function encoded(attribute: string): string {
  return attributeName(attribute) === 'path' ? attribute.replaceAll('_', '%5F') : attribute
}
