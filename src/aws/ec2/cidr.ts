/** Ranges of IP addresses, both families alike: an address is a number of 32 or 128 bits. */
import ipaddr from 'ipaddr.js'

export interface Cidr {
  readonly bits: 32 | 128
  /** The lowest address of the range. */
  readonly base: bigint
  readonly prefix: number
}

/** The range that `text` names, its host bits cleared as AWS does; undefined when it is not `ADDRESS/PREFIX` of that family. */
export function parseCidr(text: string, bits: 32 | 128): Cidr | undefined {
  const [, address, length] = /^([^/]+)\/(\d{1,3})$/.exec(text) ?? []
  const value = address === undefined ? undefined : parseAddress(address, bits)
  const prefix = Number(length)
  if (value === undefined || prefix > bits) return undefined
  const hostBits = BigInt(bits - prefix)
  return { bits, base: (value >> hostBits) << hostBits, prefix }
}

/** A range that was checked when it was stored. */
export function storedCidr(text: string): Cidr {
  const cidr = parseCidr(text, 32) ?? parseCidr(text, 128)
  if (cidr === undefined) throw new Error(`stored range '${text}' is not a CIDR block`)
  return cidr
}

export function formatCidr(cidr: Cidr): string {
  return `${formatAddress(cidr.base, cidr.bits)}/${cidr.prefix}`
}

/** @returns undefined unless `text` is an address of that family: four decimal parts, or IPv6 without a zone. */
export function parseAddress(text: string, bits: 32 | 128): bigint | undefined {
  const valid = bits === 32 ? ipaddr.IPv4.isValidFourPartDecimal(text) : isPlainIpv6(text)
  if (!valid) return undefined
  return ipaddr
    .parse(text)
    .toByteArray()
    .reduce((value, byte) => (value << 8n) | BigInt(byte), 0n)
}

function isPlainIpv6(text: string): boolean {
  return !text.includes('%') && ipaddr.IPv6.isValid(text)
}

/** Canonical text of an address (IPv6 as in RFC 5952). */
export function formatAddress(value: bigint, bits: 32 | 128): string {
  const length = bits / 8
  const bytes = Array.from({ length }, (_, index) =>
    Number((value >> BigInt(8 * (length - 1 - index))) & 0xffn),
  )
  return bits === 32 ? bytes.join('.') : new ipaddr.IPv6(bytes).toRFC5952String()
}

/** Number of addresses in the range. */
export function sizeOf(cidr: Cidr): bigint {
  return 1n << BigInt(cidr.bits - cidr.prefix)
}

export function containsAddress(cidr: Cidr, address: bigint): boolean {
  return address >= cidr.base && address < cidr.base + sizeOf(cidr)
}

export function containsCidr(outer: Cidr, inner: Cidr): boolean {
  return outer.bits === inner.bits && outer.prefix <= inner.prefix && overlap(outer, inner)
}

export function overlap(a: Cidr, b: Cidr): boolean {
  return a.bits === b.bits && (containsAddress(a, b.base) || containsAddress(b, a.base))
}
