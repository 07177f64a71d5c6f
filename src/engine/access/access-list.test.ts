import fc from 'fast-check'
import ipaddr from 'ipaddr.js'
import { describe, expect, test } from 'vitest'
import { AccessList } from './access-list.ts'
import { AddressSet } from './address-set.ts'
import { AddressSets } from './address-sets.ts'

function admits(kind: 'allow' | 'deny', addresses: readonly string[], address: string): boolean {
  return new AccessList(kind, new AddressSet(addresses)).admits(address)
}

describe.each([
  ['an address is listed', ['192.0.2.1'], '192.0.2.1', true],
  ['another is', ['192.0.2.1'], '192.0.2.2', false],
  ['its block is', ['192.0.2.0/24'], '192.0.2.255', true],
  ['the block before is', ['192.0.1.0/24'], '192.0.2.0', false],
  ['the block after is', ['192.0.3.0/24'], '192.0.2.255', false],
  ['its block is, written with one of its addresses', ['192.0.2.77/24'], '192.0.2.1', true],
  ['all of IPv4 is', ['0.0.0.0/0'], '255.255.255.255', true],
  ['all of IPv4 is, and it is of IPv6', ['0.0.0.0/0'], '2001:db8::1', false],
  ['all of IPv6 is, and it is of IPv4', ['::/0'], '192.0.2.1', false],
  ['it is, in another form', ['2001:DB8:0:0::1'], '2001:db8::1', true],
  ['its IPv6 block is', ['2001:db8::/33'], '2001:db8:7fff:ffff::', true],
  ['the IPv6 block before is', ['2001:db8::/33'], '2001:db8:8000::', false],
  ['it is listed mapped', ['::ffff:192.0.2.1'], '192.0.2.1', true],
  ['a block of mapped ones is', ['::ffff:c000:0200/120'], '192.0.2.1', true],
  ['it is of a zone', ['fe80::/10'], 'fe80::1%eth0', true],
  ['blocks overlap', ['10.0.0.0/8', '10.1.0.0/16', '10.1.2.3'], '10.200.0.0', true],
  ['one of many is', ['10.0.0.1', '10.0.0.3', '10.0.0.5'], '10.0.0.3', true],
  ['none of many is', ['10.0.0.1', '10.0.0.3', '10.0.0.5'], '10.0.0.4', false],
  ['nobody is', [], '192.0.2.1', false],
])('when %s', (_, addresses, address, listed) => {
  test('an allow list admits those listed', () =>
    expect(admits('allow', addresses, address)).toBe(listed))
  test('a deny list all others', () => expect(admits('deny', addresses, address)).toBe(!listed))
})

test.each(['allow', 'deny'] as const)('a peer without an address is not admitted (%s)', (kind) => {
  expect(admits(kind, ['0.0.0.0/0'], '')).toBe(false)
  expect(admits(kind, [], '')).toBe(false)
})

test('entries that are no addresses are told, and stand for nobody', () => {
  const invalid = [
    ...['', 'localhost', '192.0.2', '192.0.2.1/33', '192.0.2.1/', '192.0.2.1/x', '192.0.2.1/8/8'],
    ...['192.0.2.256', '010.0.0.1', '2001:db8::/129', '::1::', '[::1]', '1.2.3.4-1.2.3.5', '/8'],
  ]
  const set = new AddressSet([...invalid, '192.0.2.1'])
  expect(set.invalid).toEqual(invalid)
  expect(set.has('192.0.2.1')).toBe(true)
  expect(set.has('10.0.0.1')).toBe(false)
})

/** Few different bits, so that addresses meet blocks. */
const v4 = fc.array(fc.constantFrom(0, 1, 127, 128, 255), { minLength: 4, maxLength: 4 })
const v6 = fc.array(fc.constantFrom(0, 1, 0x7fff, 0x8000, 0xffff), { minLength: 8, maxLength: 8 })
const literal4 = v4.map((parts) => parts.join('.'))
const literal6 = fc
  .tuple(v6, fc.constantFrom('toString', 'toFixedLengthString', 'toNormalizedString'))
  .map(([parts, form]) => new ipaddr.IPv6(parts)[form as 'toString']())
  .filter((literal) => !ipaddr.IPv6.parse(literal).isIPv4MappedAddress())
const mapped = literal4.map((literal) => `::ffff:${literal}`)
const entry = fc.oneof(
  literal4,
  literal6,
  mapped,
  fc.tuple(literal4, fc.nat(32)).map((block) => block.join('/')),
  fc.tuple(fc.oneof(literal6, mapped), fc.nat(128)).map((block) => block.join('/')),
)

type Address = ipaddr.IPv4 | ipaddr.IPv6

function matches(address: Address, block: Address, bits: number): boolean {
  return address.match(block, bits)
}

/** The same, one entry after the other. */
function isListed(addresses: readonly string[], text: string): boolean {
  const address = ipaddr.process(text)
  return addresses.some((one) => {
    const [literal = '', prefix] = one.split('/')
    if (prefix === undefined) return ipaddr.process(literal).toString() === address.toString()
    const bits = Number(prefix)
    const block = ipaddr.parse(literal)
    const isMapped = block instanceof ipaddr.IPv6 && block.isIPv4MappedAddress() && bits >= 96
    if (isMapped)
      return address.kind() === 'ipv4' && matches(address, block.toIPv4Address(), bits - 96)
    return address.kind() === block.kind() && matches(address, block, bits)
  })
}

test('any list and address: as ipaddr.js has it, entry by entry', () => {
  const addresses = fc.array(entry, { maxLength: 20 })
  const address = fc.oneof(literal4, literal6)
  fc.assert(
    fc.property(addresses, address, (list, text) => {
      const { invalid } = new AddressSet(list)
      expect(invalid).toEqual([])
      expect(admits('allow', list, text)).toBe(isListed(list, text))
      expect(admits('deny', list, text)).toBe(!isListed(list, text))
    }),
    { numRuns: 5000 },
  )
})

test('lists that are equal are looked up in one set, as long as a snapshot has them', () => {
  const sets = new AddressSets()
  const list = () => ['192.0.2.1', '10.0.0.0/8']
  sets.begin()
  const first = sets.of(list())
  expect(sets.of(list())).toBe(first)
  expect(sets.of(['192.0.2.1'])).not.toBe(first)
  sets.end()
  sets.begin()
  expect(sets.of(list())).toBe(first)
  sets.end()
  sets.begin()
  sets.end()
  expect(sets.of(list())).not.toBe(first)
})
