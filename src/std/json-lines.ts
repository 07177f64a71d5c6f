/**
 * One JSON value a line: the framing of the protocol between control and proxy. A reader takes any split of the bytes;
 * a line over the bound means that the peer is not what it claims to be.
 */

/** A snapshot of 1,000 load balancers with 50 targets each takes about 10 MB. */
const maxLineBytes = 256 * 1024 * 1024

export function encodeJsonLine(value: unknown): string {
  return `${JSON.stringify(value)}\n`
}

export class JsonLineReader {
  #parts: Buffer[] = []
  #bytes = 0

  /**
   * The values that `chunk` completes.
   * @throws SyntaxError when a line is not JSON; RangeError when a line is over 256 MiB.
   */
  push(chunk: Buffer): unknown[] {
    const values: unknown[] = []
    let start = 0
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      values.push(JSON.parse(this.#line(chunk.subarray(start, end))))
      start = end + 1
    }
    this.#keep(chunk.subarray(start))
    return values
  }

  #line(last: Buffer): string {
    if (this.#parts.length === 0) return last.toString('utf8')
    const line = Buffer.concat([...this.#parts, last]).toString('utf8')
    this.#parts = []
    this.#bytes = 0
    return line
  }

  #keep(rest: Buffer): void {
    if (rest.length === 0) return
    this.#bytes += rest.length
    if (this.#bytes > maxLineBytes) throw new RangeError(`a line exceeds ${maxLineBytes} bytes`)
    this.#parts.push(Buffer.from(rest))
  }
}
