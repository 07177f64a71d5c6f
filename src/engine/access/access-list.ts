/** Whose connections a listener takes, told by the client's address. Compiled once: a connection costs the same whatever the list's length. */
import { BlockList, isIP } from 'node:net'
import ipaddr from 'ipaddr.js'
import type { AccessList as AccessListSpec } from '../../snapshot/snapshot.ts'

/** IPv4 addresses within IPv6 (RFC 4291, section 2.5.5.2) begin with so many bits that are the same for all. */
const mappedBits = 96

export class AccessList {
  /** Entries that are neither address nor block: they stand for nobody. */
  readonly invalid: readonly string[]
  readonly #allows: boolean
  /** Apart, or `::/0` would have IPv4 addresses in it. */
  readonly #v4 = new BlockList()
  readonly #v6 = new BlockList()

  constructor({ kind, addresses }: AccessListSpec) {
    this.#allows = kind === 'allow'
    this.invalid = addresses.filter((entry) => !this.#add(entry))
  }

  /** @param text an IP literal, IPv4 as such. Of a peer that is gone it is empty: such a one is not admitted. */
  admits(text: string): boolean {
    const address = withoutZone(text)
    switch (isIP(address)) {
      case 4:
        return this.#v4.check(address, 'ipv4') === this.#allows
      case 6:
        return this.#v6.check(address, 'ipv6') === this.#allows
      default:
        return false
    }
  }

  /** @returns false for what is neither an IP literal nor a CIDR block (RFC 4632) */
  #add(entry: string): boolean {
    const [literal = '', prefix, ...rest] = entry.split('/')
    const version = isIP(literal)
    if (version === 0 || rest.length > 0) return false
    if (prefix !== undefined && !/^\d{1,3}$/.test(prefix)) return false
    const all = version === 4 ? 32 : 128
    const bits = Number(prefix ?? all)
    if (bits > all) return false
    const address = ipaddr.parse(withoutZone(literal))
    if (address instanceof ipaddr.IPv4) this.#v4.addSubnet(literal, bits, 'ipv4')
    else if (address.isIPv4MappedAddress() && bits >= mappedBits)
      this.#v4.addSubnet(String(address.toIPv4Address()), bits - mappedBits, 'ipv4')
    else this.#v6.addSubnet(withoutZone(literal), bits, 'ipv6')
    return true
  }
}

/** A zone (RFC 4007, section 11) does not count. */
function withoutZone(literal: string): string {
  const zone = literal.indexOf('%')
  return zone < 0 ? literal : literal.slice(0, zone)
}
