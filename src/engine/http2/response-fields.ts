/** Responses' fields on their way into header blocks: from the text of HTTP/1 heads, without anything in between. */
import { HT, SP } from '../http1/characters.ts'
import type { ResponseHead } from '../http1/response-head.ts'
import { HpackEncoder } from './hpack-encoder.ts'

/** A block is written and sent in one go: one encoder does for all connections of a thread. */
export const block = new HpackEncoder()

/**
 * A block of a target's head. @param marks further field lines @param forgets see {@link HpackEncoder.begin}
 * @returns how many bytes the head has as HTTP/1.1
 */
export function writeHead(head: ResponseHead, marks: string, forgets: boolean): number {
  block.begin(forgets)
  block.status(head.status)
  const kept = head.kept(0)
  writeLines(kept, kept.indexOf('\n') + 1, kept.length)
  writeLines(marks, 0, marks.length)
  return kept.length + marks.length + 2
}

/** A block of trailers. @param lines each with its CRLF */
export function writeTrailers(lines: string, forgets: boolean): void {
  block.begin(forgets)
  writeLines(lines, 0, lines.length)
}

/** A block of an answer of the load balancer's own. @param head as HTTP/1.1 */
export function writeAnswer(status: number, head: string, forgets: boolean): void {
  block.begin(forgets)
  block.status(status)
  writeLines(head, head.indexOf('\n') + 1, head.indexOf('\r\n\r\n') + 2)
}

/** Whole lines of well-formed fields. */
function writeLines(text: string, start: number, end: number): void {
  let line = start
  while (line < end) {
    const nameEnd = text.indexOf(':', line)
    const next = text.indexOf('\n', nameEnd) + 1
    let value = nameEnd + 1
    while (isBlankAt(text, value)) value += 1
    let valueEnd = next - 2
    while (valueEnd > value && isBlankAt(text, valueEnd - 1)) valueEnd -= 1
    block.field(text, line, nameEnd, value, valueEnd)
    line = next
  }
}

function isBlankAt(text: string, at: number): boolean {
  const character = text.charCodeAt(at)
  return character === SP || character === HT
}
