/** Reads header blocks (RFC 7541). One for each connection: blocks refer to those before. */
import { latin1 } from '../wire/latin1.ts'
import { FieldName, HeaderField } from './header-field.ts'
import { DynamicTable, staticTable } from './hpack-table.ts'
import { decodeHuffman, mostDecoded } from './huffman.ts'

/** Takes the fields of a block as they are read. */
export interface FieldReceiver {
  field(field: HeaderField): void
}

/** No integer in a block of bounded size has to be greater. */
const maxInteger = 2 ** 24

let decoded = Buffer.alloc(0)

export class HpackDecoder {
  readonly #table = new DynamicTable()
  #bytes: Buffer = decoded
  #at = 0
  #end = 0
  #failed = false

  /** @returns false: it cannot be read, nor can any block after it (section 2.1; RFC 9113, section 4.3) */
  decode(bytes: Buffer, start: number, end: number, receiver: FieldReceiver): boolean {
    this.#bytes = bytes
    this.#at = start
    this.#end = end
    this.#failed = false
    let fields = 0
    while (this.#at < this.#end && !this.#failed) {
      const first = bytes[this.#at] as number
      if ((first & 0xe0) === 0x20) {
        // Only before the first field (section 4.2).
        if (fields > 0 || !this.#table.resize(this.#integer(0x1f))) return false
        continue
      }
      const field = this.#field(first)
      if (field === undefined) return false
      fields += 1
      receiver.field(field)
    }
    return !this.#failed
  }

  #field(first: number): HeaderField | undefined {
    if (first >= 0x80) return this.#indexed(this.#integer(0x7f))
    const remembered = first >= 0x40
    const index = this.#integer(remembered ? 0x3f : 0x0f)
    const name = index === 0 ? new FieldName(this.#string()) : this.#indexed(index)?.name
    const value = this.#string()
    if (name === undefined || this.#failed) return undefined
    const field = new HeaderField(name, value)
    if (remembered) this.#table.add(field)
    return field
  }

  #indexed(index: number): HeaderField | undefined {
    const own = staticTable.length
    return index <= own ? staticTable[index - 1] : this.#table.get(index - own - 1)
  }

  /** @param mask of the bits that it begins with (section 5.1) */
  #integer(mask: number): number {
    const bytes = this.#bytes
    let value = (bytes[this.#at] as number) & mask
    this.#at += 1
    if (value < mask) return value
    let unit = 1
    while (this.#at < this.#end && unit <= maxInteger) {
      const byte = bytes[this.#at] as number
      this.#at += 1
      value += (byte & 0x7f) * unit
      if (byte < 0x80) return value
      unit *= 128
    }
    this.#failed = true
    return 0
  }

  #string(): string {
    if (this.#at >= this.#end) return this.#fail()
    const coded = (this.#bytes[this.#at] as number) >= 0x80
    const length = this.#integer(0x7f)
    const start = this.#at
    const end = start + length
    if (end > this.#end) return this.#fail()
    this.#at = end
    return coded ? this.#huffman(start, end) : latin1(this.#bytes, start, end)
  }

  #huffman(start: number, end: number): string {
    const room = mostDecoded(end - start)
    if (decoded.length < room) decoded = Buffer.allocUnsafeSlow(Math.max(4096, 2 * room))
    const length = decodeHuffman(this.#bytes, start, end, decoded)
    return length < 0 ? this.#fail() : latin1(decoded, 0, length)
  }

  #fail(): '' {
    this.#failed = true
    return ''
  }
}
