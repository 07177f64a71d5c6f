/**
 * Reads requests' heads: strictly, which is enough for nearly all of them, and what that refuses or doubts once more, as desync
 * mitigation asks. What is passed on then is a canonical head, in place of the one that came.
 */
import type { DesyncMode } from '../../snapshot/snapshot.ts'
import { examine, passesOn } from '../desync/examine.ts'
import { HeadEnd } from '../desync/head-end.ts'
import { latin1 } from '../wire/latin1.ts'
import { defaultLimits, type HttpLimits } from './limits.ts'
import type { Verdict } from './message-head.ts'
import { RequestHead } from './request-head.ts'

const nothing: Buffer = Buffer.alloc(0)

export class RequestReader {
  readonly head: RequestHead
  /** Once complete: where the head begins in `bytes`, and what came of the body after it ends. */
  bytes = nothing
  start = 0
  end = 0
  /** How much further to the right the same bytes are in what was read. */
  shift = 0
  /** While a head is read that the strict reading refused. */
  #headEnd: HeadEnd | null = null
  readonly #limits: HttpLimits

  constructor(limits = defaultLimits) {
    this.head = new RequestHead(limits)
    this.#limits = limits
  }

  /** As {@link RequestHead.scan}; once refused, `head` has the status and the classification. */
  read(bytes: Buffer, start: number, end: number, mode: DesyncMode): Verdict {
    const { head } = this
    if (this.#headEnd !== null) return this.#readDoubted(this.#headEnd, bytes, start, end, mode)
    const verdict = head.scan(bytes, start, end)
    if (verdict === 'complete') {
      if (head.suspect) return this.#examine(bytes, start, start + head.length, end, mode)
      this.#place(bytes, start, end, 0)
      return verdict
    }
    if (verdict === 'incomplete' || head.final) return verdict
    this.#headEnd = new HeadEnd(this.#limits)
    return this.#readDoubted(this.#headEnd, bytes, start, end, mode)
  }

  reset(): void {
    this.head.reset()
    this.bytes = nothing
    this.#headEnd = null
  }

  #readDoubted(
    headEnd: HeadEnd,
    bytes: Buffer,
    start: number,
    end: number,
    mode: DesyncMode,
  ): Verdict {
    const verdict = headEnd.find(bytes, start, end)
    if (verdict === 'complete') {
      return this.#examine(bytes, start, start + headEnd.length, end, mode)
    }
    this.head.status = headEnd.status
    return verdict
  }

  /** Judges the head from `start` to `bodyStart`, and reads its canonical form if it is passed on. */
  #examine(
    bytes: Buffer,
    start: number,
    bodyStart: number,
    end: number,
    mode: DesyncMode,
  ): Verdict {
    const { head } = this
    const { classification, canonical, status } = examine(latin1(bytes, start, bodyStart))
    const served = canonical !== null && passesOn(mode, classification)
    const verdict = served ? this.#readCanonical(canonical, bytes, bodyStart, end) : 'refused'
    if (!served) head.status = status
    head.classification = classification
    // Encoding what it holds may have brought it over a limit.
    return verdict === 'complete' ? verdict : 'refused'
  }

  #readCanonical(canonical: string, bytes: Buffer, bodyStart: number, end: number): Verdict {
    const body = bytes.subarray(bodyStart, end)
    const all = Buffer.concat([Buffer.from(canonical, 'latin1'), body])
    this.head.reset()
    this.#place(all, 0, all.length, bodyStart - canonical.length)
    return this.head.scan(all, 0, all.length)
  }

  #place(bytes: Buffer, start: number, end: number, shift: number): void {
    this.bytes = bytes
    this.start = start
    this.end = end
    this.shift = shift
  }
}
