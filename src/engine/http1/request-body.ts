import type { Wire } from '../wire/wire.ts'
import type { BodyLength } from './body-length.ts'
import { BodyReader } from './body-reader.ts'
import { bodyEnd, bodyText, type Framing, writeBody } from './body-writer.ts'

/** A request's body on its way to a target, framed anew. Used again for the next. */
export class RequestBody extends BodyReader {
  #framing: Framing = 'plain'

  /** @param sent how its end is shown to the target @param came how the client shows it */
  beginAs(sent: BodyLength, came: BodyLength): void {
    this.#framing = sent.kind === 'chunked' ? 'chunked' : 'plain'
    this.begin(came)
  }

  /** The piece that was just read, as text behind the head. */
  behind(head: string, bytes: Buffer, start: number, end: number): string {
    return bodyText(head, bytes, start, end, this.#framing, this.#tail)
  }

  /** Writes the piece that was just read. @returns false: hold back until drained */
  write(wire: Wire, bytes: Buffer, start: number, end: number): boolean {
    return writeBody(wire, '', bytes, start, end, this.#framing, this.#tail)
  }

  /** Shows the end, which no piece did. */
  writeEnd(wire: Wire, trailers: string): void {
    wire.writeText(bodyEnd(this.#framing, trailers))
  }

  get #tail(): string {
    return this.done ? bodyEnd(this.#framing, this.trailers) : ''
  }
}
