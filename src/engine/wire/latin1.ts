/** What `toString` and `write` of a Buffer come to for `latin1`, without the look-up of the encoding; not documented, but old and in use. */
interface Latin1Bytes {
  latin1Slice?(start: number, end: number): string
  latin1Write?(text: string, at: number, length: number): number
}

const { latin1Slice, latin1Write } = Buffer.prototype as Latin1Bytes
const slices = typeof latin1Slice === 'function'
const writes = typeof latin1Write === 'function'

/** Bytes as text, one character a byte: what heads are read and written as. */
export function latin1(bytes: Uint8Array, start: number, end: number): string {
  return slices
    ? (bytes as unknown as Required<Latin1Bytes>).latin1Slice(start, end)
    : (bytes as Buffer).toString('latin1', start, end)
}

/** The reverse, into bytes that have room for it. */
export function writeLatin1(bytes: Buffer, text: string, at: number): void {
  if (writes) (bytes as unknown as Required<Latin1Bytes>).latin1Write(text, at, text.length)
  else bytes.write(text, at, 'latin1')
}
