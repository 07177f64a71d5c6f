/** A request's head in its parts, as they came: latin1 text, one character a byte, nothing trimmed but what says so. */
export interface ParsedRequest {
  readonly method: string
  readonly uri: string
  /** `HTTP/1.1`; empty when there is none, which is HTTP/0.9. */
  readonly version: string
  readonly headers: readonly Header[]
}

export interface Header {
  readonly name: string
  readonly value: string
}

/** Without space and tab at both ends: the only white space that HTTP knows. */
export function withoutBlanks(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && isBlankAt(text, start)) start += 1
  while (end > start && isBlankAt(text, end - 1)) end -= 1
  return text.slice(start, end)
}

function isBlankAt(text: string, at: number): boolean {
  const character = text[at]
  return character === ' ' || character === '\t'
}
