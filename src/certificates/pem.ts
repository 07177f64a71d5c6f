/** One encapsulated piece of a PEM text, with its boundaries. */
export interface PemBlock {
  /** e.g. `CERTIFICATE`. */
  readonly label: string
  readonly text: string
}

/** The pieces of a text, in order, up to one that does not end. What is around them is explanation (RFC 7468, section 2). */
export function pemBlocks(text: string): PemBlock[] {
  const blocks: PemBlock[] = []
  for (const { 0: begin, 1: label = '', index } of text.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----/g)) {
    const end = `-----END ${label}-----`
    const last = text.indexOf(end, index + begin.length)
    if (last < 0) break
    blocks.push({ label, text: text.slice(index, last + end.length) })
  }
  return blocks
}
