/** Header fields as HTTP/2 has them. What a table of HPACK holds is the same object at every use, so it is judged once. */

/** What a request's translation has to know of a field by its name. */
export type NameKind =
  | ':method'
  | ':path'
  | ':scheme'
  | ':authority'
  | 'host'
  | 'cookie'
  | 'content-length'
  | 'te'
  | 'other'
  /** Not to be in a request: another pseudo-header, a field about the connection, or a name that is none (RFC 9113, section 8.2). */
  | 'malformed'

const special: ReadonlyMap<string, NameKind> = new Map<string, NameKind>([
  [':method', ':method'],
  [':path', ':path'],
  [':scheme', ':scheme'],
  [':authority', ':authority'],
  ['host', 'host'],
  ['cookie', 'cookie'],
  ['content-length', 'content-length'],
  ['te', 'te'],
  ['connection', 'malformed'],
  ['keep-alive', 'malformed'],
  ['proxy-connection', 'malformed'],
  ['transfer-encoding', 'malformed'],
  ['upgrade', 'malformed'],
])

/** A token without upper case. */
const name = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/
/** No control characters but tabs, and no white space around it (RFC 9113, section 8.2.1). */
const value = /^(?:[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?$/

export class FieldName {
  readonly text: string
  readonly kind: NameKind

  constructor(text: string) {
    this.text = text
    this.kind = special.get(text) ?? (name.test(text) ? 'other' : 'malformed')
  }
}

export class HeaderField {
  readonly name: FieldName
  readonly value: string
  readonly kind: NameKind
  /** As HTTP/1 writes it. */
  readonly line: string

  constructor(name: FieldName, text: string) {
    this.name = name
    this.value = text
    this.kind = value.test(text) ? name.kind : 'malformed'
    this.line = `${name.text}: ${text}\r\n`
  }

  /** What it counts in tables and lists (RFC 7541, section 4.1). */
  get size(): number {
    return this.name.text.length + this.value.length + 32
  }
}
