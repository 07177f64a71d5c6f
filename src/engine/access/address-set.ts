/** Addresses and blocks of them, looked up by binary search: ranges in order, none of which overlap. */
import { type Address, parseAddress } from './address.ts'

/** IPv4 addresses within IPv6 (RFC 4291, section 2.5.5.2) begin with so many bits that are the same for all. */
const mappedBits = 96

interface Block {
  readonly address: Address
  readonly bits: number
}

export class AddressSet {
  /** Entries that are neither address nor block: they stand for nobody. */
  readonly invalid: readonly string[]
  readonly #v4: Ranges
  /** Apart, or `::/0` would have IPv4 addresses in it. */
  readonly #v6: Ranges

  /** @param entries IP literals and CIDR blocks (RFC 4632) */
  constructor(entries: readonly string[]) {
    const invalid: string[] = []
    const v4: Block[] = []
    const v6: Block[] = []
    for (const entry of entries) {
      const block = blockOf(entry)
      if (block === null) invalid.push(entry)
      else if (block.address.length === 1) v4.push(block)
      else v6.push(block)
    }
    this.invalid = invalid
    this.#v4 = new Ranges(v4, 1)
    this.#v6 = new Ranges(v6, 4)
  }

  /** @param text an IP literal, IPv4 as such; what is none is nowhere in it */
  has(text: string): boolean {
    const address = parseAddress(text)
    if (address === null) return false
    return address.length === 1 ? this.#v4.has(address) : this.#v6.has(address)
  }
}

/** First and last addresses, so many words of 32 bits each, one after the other. */
class Ranges {
  readonly #words: number
  readonly #firsts: Uint32Array
  readonly #lasts: Uint32Array
  #count = 0

  constructor(blocks: Block[], words: number) {
    this.#words = words
    this.#firsts = new Uint32Array(blocks.length * words)
    this.#lasts = new Uint32Array(blocks.length * words)
    // Two blocks are apart, or one is within the other: which comes first then, being the larger.
    blocks.sort((a, b) => compared(a.address, b.address, 0, words) || a.bits - b.bits)
    for (const block of blocks) this.#append(block)
  }

  has(address: Address): boolean {
    const words = this.#words
    let low = 0
    let high = this.#count
    while (low < high) {
      const middle = (low + high) >>> 1
      if (compared(address, this.#firsts, middle * words, words) < 0) high = middle
      else low = middle + 1
    }
    return low > 0 && compared(address, this.#lasts, (low - 1) * words, words) <= 0
  }

  #append({ address, bits }: Block): void {
    if (this.has(address)) return
    const at = this.#count * this.#words
    for (let i = 0; i < this.#words; i += 1) {
      this.#firsts[at + i] = address[i] as number
      this.#lasts[at + i] = (address[i] as number) | ~maskOf(bits - 32 * i)
    }
    this.#count += 1
  }
}

/** Below 0: `address` comes before the one that begins at `at`. */
function compared(address: Address, others: Address, at: number, words: number): number {
  for (let i = 0; i < words; i += 1) {
    const difference = (address[i] as number) - (others[at + i] as number)
    if (difference !== 0) return difference
  }
  return 0
}

/** A word of which the first `bits` are 1. */
function maskOf(bits: number): number {
  if (bits <= 0) return 0
  return bits >= 32 ? -1 : -1 << (32 - bits)
}

/** null for what is neither an IP literal nor a block. */
function blockOf(entry: string): Block | null {
  const slash = entry.indexOf('/')
  const parsed = parseAddress(slash < 0 ? entry : entry.slice(0, slash))
  if (parsed === null) return null
  const all = parsed.length * 32
  const bits = slash < 0 ? all : prefixLength(entry.slice(slash + 1))
  if (bits > all) return null
  const address = new Uint32Array(parsed.length)
  for (let i = 0; i < address.length; i += 1) {
    address[i] = (parsed[i] as number) & maskOf(bits - 32 * i)
  }
  const isMapped = all === 128 && bits >= mappedBits && isMappedAddress(address)
  return isMapped ? { address: address.subarray(3), bits: bits - mappedBits } : { address, bits }
}

/** Infinity for what is none. */
function prefixLength(digits: string): number {
  return /^\d{1,3}$/.test(digits) ? Number(digits) : Number.POSITIVE_INFINITY
}

function isMappedAddress(address: Address): boolean {
  return address[0] === 0 && address[1] === 0 && address[2] === 0xffff
}
