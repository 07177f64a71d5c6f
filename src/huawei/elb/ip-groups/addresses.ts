import ipaddr from 'ipaddr.js'
import { invalidInput } from '../../wire/errors.ts'

/**
 * The one way in which an address or block is written: `0.0.0.0/32` as `0.0.0.0`, `0:0:0:0:0:0:0:1` as `::1`. So what is the same is
 * kept once.
 * @throws HuaweiError ELB.8902
 */
export function canonicalAddress(text: string): string {
  const [address = '', bits, ...rest] = text.split('/')
  if (rest.length === 0 && (bits === undefined || /^\d{1,3}$/.test(bits))) {
    const canonical = parse(address, bits)
    if (canonical !== undefined) return canonical
  }
  throw invalidInput(`Invalid input for 'ip': '${text}' is no IP address and no CIDR block`)
}

function parse(address: string, bits: string | undefined): string | undefined {
  const isWritten = ipaddr.IPv4.isValidFourPartDecimal(address) || ipaddr.IPv6.isValid(address)
  if (!isWritten || address.includes('%')) return undefined
  const parsed = ipaddr.parse(address)
  const all = parsed.kind() === 'ipv4' ? 32 : 128
  const length = bits === undefined ? all : Number(bits)
  if (length > all) return undefined
  return length === all ? parsed.toString() : `${parsed.toString()}/${length}`
}
