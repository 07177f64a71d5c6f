/** What `toString('latin1')` of a Buffer comes to, without the look-up of the encoding; not documented, but old and in use. */
interface Latin1Bytes {
  latin1Slice?(start: number, end: number): string
}

const direct = typeof (Buffer.prototype as Latin1Bytes).latin1Slice === 'function'

/** Bytes as text, one character a byte: what heads are read and written as. */
export function latin1(bytes: Uint8Array, start: number, end: number): string {
  return direct
    ? (bytes as unknown as Required<Latin1Bytes>).latin1Slice(start, end)
    : (bytes as Buffer).toString('latin1', start, end)
}
