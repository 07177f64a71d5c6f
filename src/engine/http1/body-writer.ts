import { latin1 } from '../wire/latin1.ts'
import type { Wire } from '../wire/wire.ts'

/** How a body's end is shown to the receiver. */
export type Framing =
  /** By Content-Length, by the end of the connection, or there is no body. */
  'plain' | 'chunked'

const lastChunk = '0\r\n\r\n'
/** Beyond, bytes are copied as bytes: through a string they would be copied twice. */
const textBytes = 16_384

/** A piece of body as text, with what goes before it. `last`: the body ends with it. */
export function bodyText(
  prefix: string,
  bytes: Uint8Array,
  start: number,
  end: number,
  framing: Framing,
  last: boolean,
): string {
  const data = start === end ? '' : latin1(bytes, start, end)
  if (framing === 'plain') return prefix + data
  const tail = last ? lastChunk : ''
  if (data === '') return prefix + tail
  return `${prefix}${data.length.toString(16)}\r\n${data}\r\n${tail}`
}

/** Writes a piece of body behind `prefix`, in one write if it is small. @returns false: hold back until drained */
export function writeBody(
  wire: Wire,
  prefix: string,
  bytes: Buffer,
  start: number,
  end: number,
  framing: Framing,
  last: boolean,
): boolean {
  if (end - start <= textBytes) {
    const output = bodyText(prefix, bytes, start, end, framing, last)
    return output === '' || wire.writeText(output)
  }
  if (framing === 'plain') {
    if (prefix !== '') wire.writeText(prefix)
    return wire.writeBytes(bytes, start, end)
  }
  wire.writeText(`${prefix}${(end - start).toString(16)}\r\n`)
  wire.writeBytes(bytes, start, end)
  return wire.writeText(last ? `\r\n${lastChunk}` : '\r\n')
}
