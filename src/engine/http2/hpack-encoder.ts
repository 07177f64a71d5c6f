/**
 * Writes header blocks (RFC 7541), as literals with the names of the static table and without a dynamic one: what it would save are bytes
 * of responses that are mostly body, for a table to be kept for every connection.
 */
import { staticTable } from './hpack-table.ts'
import { encodeHuffman, huffmanLength } from './huffman.ts'

interface Known {
  readonly name: Uint8Array
  readonly index: number
}

/** Names of the static table by their lengths. */
const byLength: readonly (readonly Known[])[] = namesByLength()

function namesByLength(): Known[][] {
  const lists: Known[][] = []
  const seen = new Set<string>()
  for (const [i, { name }] of staticTable.entries()) {
    const { text } = name
    if (seen.has(text)) continue
    seen.add(text)
    const list = lists[text.length] ?? []
    lists[text.length] = list
    list.push({ name: Buffer.from(text), index: i + 1 })
  }
  return lists
}

const statusIndexes: ReadonlyMap<number, number> = new Map(
  [...staticTable.entries()].flatMap(([i, { name, value }]) =>
    name.text === ':status' ? [[Number(value), i + 1] as const] : [],
  ),
)
const statusName = 8

export class HpackEncoder {
  /** What is written is at its beginning. */
  bytes = Buffer.allocUnsafeSlow(4096)
  length = 0

  /** Begins a block. @param forgets tells the peer that no dynamic table is kept, as it has to be when it sets the size (section 4.2) */
  begin(forgets: boolean): void {
    this.length = 0
    if (forgets) this.#byte(0x20)
  }

  status(status: number): void {
    const index = statusIndexes.get(status)
    if (index !== undefined) {
      this.#byte(0x80 | index)
      return
    }
    this.#byte(statusName)
    this.#byte(3)
    this.length += this.bytes.write(String(status), this.length, 'latin1')
  }

  /** A field whose name and value are where they are in `text`, a byte a character; names go out in lower case. */
  field(text: string, name: number, nameEnd: number, value: number, valueEnd: number): void {
    this.#reserve(nameEnd - name + valueEnd - value + 16)
    const index = indexOf(text, name, nameEnd)
    this.#integer(0, 0x0f, index)
    if (index === 0) this.#name(text, name, nameEnd)
    this.#value(text, value, valueEnd)
  }

  #name(text: string, start: number, end: number): void {
    this.#integer(0, 0x7f, end - start)
    for (let at = start; at < end; at += 1) {
      const byte = text.charCodeAt(at)
      this.#byte(byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte)
    }
  }

  #value(text: string, start: number, end: number): void {
    const coded = huffmanLength(text, start, end)
    if (coded < end - start) {
      this.#integer(0x80, 0x7f, coded)
      this.length = encodeHuffman(text, start, end, this.bytes, this.length)
      return
    }
    this.#integer(0, 0x7f, end - start)
    for (let at = start; at < end; at += 1) this.#byte(text.charCodeAt(at))
  }

  #integer(pattern: number, mask: number, value: number): void {
    if (value < mask) {
      this.#byte(pattern | value)
      return
    }
    this.#byte(pattern | mask)
    let rest = value - mask
    while (rest >= 0x80) {
      this.#byte((rest & 0x7f) | 0x80)
      rest >>>= 7
    }
    this.#byte(rest)
  }

  #byte(byte: number): void {
    this.bytes[this.length] = byte
    this.length += 1
  }

  #reserve(room: number): void {
    if (this.length + room <= this.bytes.length) return
    const larger = Buffer.allocUnsafeSlow(2 * (this.length + room))
    this.bytes.copy(larger, 0, 0, this.length)
    this.bytes = larger
  }
}

/** 0 when the static table has no such name. */
function indexOf(text: string, start: number, end: number): number {
  const candidates = byLength[end - start]
  if (candidates === undefined) return 0
  for (let i = 0; i < candidates.length; i += 1) {
    const candidate = candidates[i] as Known
    if (matches(text, start, candidate.name)) return candidate.index
  }
  return 0
}

/** Whether the token at `start` is `name`, in any case of letters: setting bit 5 is lower-casing in tokens. */
function matches(text: string, start: number, name: Uint8Array): boolean {
  for (let i = 0; i < name.length; i += 1) {
    if ((text.charCodeAt(start + i) | 0x20) !== name[i]) return false
  }
  return true
}
