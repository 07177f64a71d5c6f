import { latin1 } from '../wire/latin1.ts'
import { textBytes, type Wire } from '../wire/wire.ts'

/** How a body's end is shown to the receiver. */
export type Framing =
  /** By Content-Length, by the end of the connection, or there is no body. */
  'plain' | 'chunked'

/** What ends a body: nothing for `plain`, and for `chunked` the last chunk with the trailers. */
export function bodyEnd(framing: Framing, trailers: string): string {
  return framing === 'plain' ? '' : `0\r\n${trailers}\r\n`
}

/** A piece of body as text, with what goes before it. `tail`: what ends the body, if it ends with the piece. */
export function bodyText(
  prefix: string,
  bytes: Uint8Array,
  start: number,
  end: number,
  framing: Framing,
  tail: string,
): string {
  const data = start === end ? '' : latin1(bytes, start, end)
  if (framing === 'plain') return prefix + data
  if (data === '') return prefix + tail
  return `${prefix}${data.length.toString(16)}\r\n${data}\r\n${tail}`
}

/** Writes a piece of body behind `prefix`, in one write. @returns false: hold back until drained */
export function writeBody(
  wire: Wire,
  prefix: string,
  bytes: Buffer,
  start: number,
  end: number,
  framing: Framing,
  tail: string,
): boolean {
  if (end - start <= textBytes) {
    const output = bodyText(prefix, bytes, start, end, framing, tail)
    return output === '' || wire.writeText(output)
  }
  if (framing === 'plain') return wire.writeFramed(prefix, bytes, start, end, tail)
  const size = (end - start).toString(16)
  return wire.writeFramed(`${prefix}${size}\r\n`, bytes, start, end, `\r\n${tail}`)
}
