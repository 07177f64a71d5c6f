/** Finds where a head ends that only has lines for certain: at the first empty one. Looks at each byte once, however they come. */
import { CR, LF } from '../http1/characters.ts'
import type { HttpLimits } from '../http1/limits.ts'

export class HeadEnd {
  /** Bytes of the head with its empty line, once found. */
  length = 0
  /** How the head is answered, once refused. */
  status: 400 | 414 | 431 = 400
  #line = 0
  #looked = 0
  /** Where the line after the request line begins; 0 before it came. */
  #fields = 0
  readonly #limits: HttpLimits

  constructor(limits: HttpLimits) {
    this.#limits = limits
  }

  /** Looks at bytes `start` to `end`; after `incomplete`, the next call brings the same bytes and more. */
  find(bytes: Buffer, start: number, end: number): 'incomplete' | 'complete' | 'refused' {
    const head = bytes.subarray(start, end)
    for (;;) {
      const at = head.indexOf(LF, this.#looked)
      const lineEnd = at < 0 ? head.length : at
      if (this.#tooLong(lineEnd + 1)) return 'refused'
      this.#looked = lineEnd
      if (at < 0) return 'incomplete'
      if (this.#lineEnded(head, at)) return 'complete'
    }
  }

  /** `end`: where the line ends at the earliest, with its LF. */
  #tooLong(end: number): boolean {
    if (this.#fields === 0) {
      this.status = 414
      return end - this.#line > this.#limits.startLine
    }
    this.status = 431
    const { headerLine, headers } = this.#limits
    return end - this.#line > headerLine || end - this.#fields > headers
  }

  /** @returns whether the line was the last */
  #lineEnded(head: Buffer, at: number): boolean {
    const empty = at === this.#line || (at === this.#line + 1 && head[this.#line] === CR)
    const isFirst = this.#line === 0
    this.#line = at + 1
    this.#looked = at + 1
    if (!empty) {
      if (this.#fields === 0) this.#fields = at + 1
      return false
    }
    // One empty line may come before a request.
    if (isFirst) return false
    this.length = at + 1
    return true
  }
}
