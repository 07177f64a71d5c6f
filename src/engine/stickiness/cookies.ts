/**
 * Cookies as they stand in heads (RFC 6265, sections 4 and 5): found leniently, as browsers write more than the grammar allows.
 * Heads are text whose lines end with CRLF, one character a byte.
 */

const COLON = 0x3a
const SEMICOLON = 0x3b
const SP = 0x20
const HT = 0x09
const cookieField = 'cookie'
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

/**
 * Values of the cookies called `name` in a request's head, in order, without quotes. Names are case-sensitive. Looks for the name
 * first and for what is around it then: most of a head is not looked at.
 */
export function cookieValues(head: string, name: string): readonly string[] {
  const wanted = `${name}=`
  let at = head.indexOf(wanted)
  if (at < 0) return none
  const values: string[] = []
  while (at >= 0) {
    const start = at + wanted.length
    if (beginsCookie(head, at)) values.push(cookieValue(head, start))
    at = head.indexOf(wanted, start)
  }
  return values
}

/** A cookie that a response sets. */
export interface SetCookie {
  /** `Path=/a`, `Secure`: as written, in order. */
  readonly attributes: readonly string[]
}

/** The cookies called `name` that a response's head sets, in order. */
export function setCookies(head: string, name: string): readonly SetCookie[] {
  const wanted = `${name}=`
  if (!head.includes(wanted)) return []
  const fields = fieldValues(head, 'set-cookie').filter((field) => field.startsWith(wanted))
  return fields.map((field) => {
    const [, ...attributes] = field.split(';')
    return { attributes: attributes.map((attribute) => attribute.trim()) }
  })
}

/** `path` of `Path=/a`, `secure` of `Secure`. */
export function attributeName(attribute: string): string {
  const equals = attribute.indexOf('=')
  return (equals < 0 ? attribute : attribute.slice(0, equals)).trim().toLowerCase()
}

/** Whether a pair of a Cookie field begins at `at`. */
function beginsCookie(head: string, at: number): boolean {
  let before = at - 1
  while (head.charCodeAt(before) === SP || head.charCodeAt(before) === HT) before -= 1
  const line = head.lastIndexOf('\n', before) + 1
  const colon = line + cookieField.length
  if (head.charCodeAt(before) !== SEMICOLON && before !== colon) return false
  return head.charCodeAt(colon) === COLON && head.slice(line, colon).toLowerCase() === cookieField
}

function cookieValue(head: string, start: number): string {
  const line = head.indexOf('\r', start)
  const lineEnd = line < 0 ? head.length : line
  const semicolon = head.indexOf(';', start)
  const end = semicolon < 0 ? lineEnd : Math.min(semicolon, lineEnd)
  return unquoted(head.slice(start, end).trim())
}

function unquoted(value: string): string {
  return value.length >= 2 && value.startsWith('"') && value.endsWith('"')
    ? value.slice(1, -1)
    : value
}
