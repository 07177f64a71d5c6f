/** Classes of bytes (RFC 9110, section 5.6.2 and 5.5; RFC 9112, section 3.2): 1 for a member. */

export const HT = 0x09
export const LF = 0x0a
export const CR = 0x0d
export const SP = 0x20
export const SLASH = 0x2f
export const COLON = 0x3a
export const SEMICOLON = 0x3b

function classOf(isMember: (byte: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => (isMember(byte) ? 1 : 0))
}

const tokenMarks = "!#$%&'*+-.^_`|~"

/** tchar: what methods and field names are made of. */
export const isToken = classOf((byte) => {
  const character = String.fromCharCode(byte)
  return byte < 0x80 && (/[0-9A-Za-z]/.test(character) || tokenMarks.includes(character))
})

/** A field value: anything but control characters, HT allowed. */
export const isFieldValue = classOf((byte) => byte === HT || (byte >= SP && byte !== 0x7f))

/** A request target: visible characters; bytes beyond ASCII pass, as many clients do not encode them. */
export const isTarget = classOf((byte) => byte > SP && byte !== 0x7f)

/** A host in a Host field: visible ASCII without the marks that would end an authority. */
export const isHost = classOf(
  (byte) => byte > SP && byte < 0x7f && !'/?#@,\\'.includes(String.fromCharCode(byte)),
)

export function isHostText(text: string): boolean {
  return [...text].every((character) => isHost[character.charCodeAt(0)] === 1)
}

/** Where a run of members that begins at `at` ends, at the latest at `stop`. */
export function runEnd(members: Uint8Array, bytes: Uint8Array, at: number, stop: number): number {
  let end = at
  while (end < stop && members[bytes[end] as number] === 1) end += 1
  return end
}

/** Space and tab: white space around field values. */
export const isBlank = classOf((byte) => byte === SP || byte === HT)

export function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39
}

/** The value of a hex digit, or -1. */
export function hexValue(byte: number): number {
  if (isDigit(byte)) return byte - 0x30
  const lower = byte | 0x20
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1
}
