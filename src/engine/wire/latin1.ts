/** Bytes as text, one character a byte: what heads are read and written as. */
export function latin1(bytes: Uint8Array, start: number, end: number): string {
  return (bytes as Buffer).toString('latin1', start, end)
}
