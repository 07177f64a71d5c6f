/** The tables that HPACK's indexes are of (RFC 7541, section 2.3 and appendix A). */
import { FieldName, HeaderField } from './header-field.ts'

const entries: readonly (readonly [name: string, value: string])[] = [
  [':authority', ''],
  [':method', 'GET'],
  [':method', 'POST'],
  [':path', '/'],
  [':path', '/index.html'],
  [':scheme', 'http'],
  [':scheme', 'https'],
  [':status', '200'],
  [':status', '204'],
  [':status', '206'],
  [':status', '304'],
  [':status', '400'],
  [':status', '404'],
  [':status', '500'],
  ['accept-charset', ''],
  ['accept-encoding', 'gzip, deflate'],
  ['accept-language', ''],
  ['accept-ranges', ''],
  ['accept', ''],
  ['access-control-allow-origin', ''],
  ['age', ''],
  ['allow', ''],
  ['authorization', ''],
  ['cache-control', ''],
  ['content-disposition', ''],
  ['content-encoding', ''],
  ['content-language', ''],
  ['content-length', ''],
  ['content-location', ''],
  ['content-range', ''],
  ['content-type', ''],
  ['cookie', ''],
  ['date', ''],
  ['etag', ''],
  ['expect', ''],
  ['expires', ''],
  ['from', ''],
  ['host', ''],
  ['if-match', ''],
  ['if-modified-since', ''],
  ['if-none-match', ''],
  ['if-range', ''],
  ['if-unmodified-since', ''],
  ['last-modified', ''],
  ['link', ''],
  ['location', ''],
  ['max-forwards', ''],
  ['proxy-authenticate', ''],
  ['proxy-authorization', ''],
  ['range', ''],
  ['referer', ''],
  ['refresh', ''],
  ['retry-after', ''],
  ['server', ''],
  ['set-cookie', ''],
  ['strict-transport-security', ''],
  ['transfer-encoding', ''],
  ['user-agent', ''],
  ['vary', ''],
  ['via', ''],
  ['www-authenticate', ''],
]

/** The first is index 1. */
export const staticTable: readonly HeaderField[] = entries.map(
  ([name, value]) => new HeaderField(new FieldName(name), value),
)

/** What a peer's dynamic table may hold: HPACK's default, which the settings leave as it is. */
export const maxTableSize = 4096

/** Fields of earlier heads, the newest first. */
export class DynamicTable {
  /** A ring; its size is a power of two. */
  #ring: HeaderField[] = new Array(16)
  #newest = 0
  #count = 0
  #size = 0
  #bound = maxTableSize

  get size(): number {
    return this.#size
  }

  /** @param index 0 is the newest */
  get(index: number): HeaderField | undefined {
    if (index >= this.#count) return undefined
    return this.#ring[(this.#newest - index) & (this.#ring.length - 1)]
  }

  add(field: HeaderField): void {
    this.#shrinkTo(this.#bound - field.size)
    // One larger than the table empties it, and is not in it (section 4.4).
    if (field.size > this.#bound) return
    if (this.#count === this.#ring.length) this.#grow()
    this.#newest = (this.#newest + 1) & (this.#ring.length - 1)
    this.#ring[this.#newest] = field
    this.#count += 1
    this.#size += field.size
  }

  /** @returns false: more than was allowed */
  resize(bound: number): boolean {
    if (bound > maxTableSize) return false
    this.#bound = bound
    this.#shrinkTo(bound)
    return true
  }

  #shrinkTo(size: number): void {
    while (this.#size > size && this.#count > 0) {
      const oldest = this.get(this.#count - 1)
      this.#size -= oldest?.size ?? 0
      this.#count -= 1
    }
  }

  #grow(): void {
    const ordered = Array.from({ length: this.#count }, (_, i) => this.get(this.#count - 1 - i))
    this.#ring = [...ordered, ...new Array(this.#count)] as HeaderField[]
    this.#newest = this.#count - 1
  }
}
