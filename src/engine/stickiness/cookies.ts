/**
 * Cookies as they stand in heads (RFC 6265, sections 4 and 5): found leniently, as browsers write more than the grammar allows.
 * Heads are text whose lines end with CRLF, one character a byte.
 */

const COLON = 0x3a
const none: readonly string[] = []

/** Values of the fields called `name` (in lower case), in order, without white space around them. */
export function fieldValues(head: string, name: string): readonly string[] {
  const values: string[] = []
  let line = head.indexOf('\n') + 1
  while (line > 0) {
    const next = head.indexOf('\n', line) + 1
    const colon = line + name.length
    if (head.charCodeAt(colon) === COLON && head.slice(line, colon).toLowerCase() === name) {
      values.push(head.slice(colon + 1, next === 0 ? head.length : next).trim())
    }
    line = next
  }
  return values
}

/** Values of the cookies called `name` in a request's head, in order, without quotes. Names are case-sensitive. */
export function cookieValues(head: string, name: string): readonly string[] {
  if (!head.includes(name)) return none
  const pairs = fieldValues(head, 'cookie').flatMap((field) => field.split(';'))
  return pairs.flatMap((pair) => {
    const equals = pair.indexOf('=')
    if (equals < 0 || pair.slice(0, equals).trim() !== name) return none
    return unquoted(pair.slice(equals + 1).trim())
  })
}

/** A cookie that a response sets. */
export interface SetCookie {
  readonly name: string
  /** `Path=/a`, `Secure`: as written, in order. */
  readonly attributes: readonly string[]
}

/** The cookies that a response's head sets, in order; what is no cookie is left out. */
export function setCookies(head: string): readonly SetCookie[] {
  return fieldValues(head, 'set-cookie').flatMap((field) => {
    const [pair = '', ...attributes] = field.split(';').map((part) => part.trim())
    const equals = pair.indexOf('=')
    return equals <= 0 ? [] : [{ name: pair.slice(0, equals).trim(), attributes }]
  })
}

/** `path` of `Path=/a`, `secure` of `Secure`. */
export function attributeName(attribute: string): string {
  const equals = attribute.indexOf('=')
  return (equals < 0 ? attribute : attribute.slice(0, equals)).trim().toLowerCase()
}

function unquoted(value: string): string {
  return value.length >= 2 && value.startsWith('"') && value.endsWith('"')
    ? value.slice(1, -1)
    : value
}
