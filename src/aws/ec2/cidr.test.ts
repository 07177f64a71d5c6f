import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  containsCidr,
  formatAddress,
  formatCidr,
  overlap,
  parseAddress,
  parseCidr,
} from './cidr.ts'

const families = [32, 128] as const

test.each(families)('addresses of %i bits come back as they were written', (bits) => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: (1n << BigInt(bits)) - 1n }), (value) => {
      expect(parseAddress(formatAddress(value, bits), bits)).toBe(value)
    }),
  )
})

test('host bits are cleared', () => {
  const cidr = parseCidr('10.1.2.3/12', 32)
  expect(cidr && formatCidr(cidr)).toBe('10.0.0.0/12')
})

test.each(['10.0.0.0', '10.0.0/8', '010.0.0.0/8', '10.0.0.0/33', '1.2.3.4/', 'fd00::%lo/64'])(
  '%s is no range',
  (text) => {
    expect(families.map((bits) => parseCidr(text, bits))).toEqual([undefined, undefined])
  },
)

test('ranges overlap exactly when one contains the other', () => {
  const range = fc
    .tuple(fc.nat(255), fc.integer({ min: 24, max: 32 }))
    .map(([last, prefix]) => parseCidr(`10.0.0.${last}/${prefix}`, 32))
  fc.assert(
    fc.property(range, range, (a, b) => {
      if (a === undefined || b === undefined) throw new Error('not a range')
      expect(overlap(a, b)).toBe(containsCidr(a, b) || containsCidr(b, a))
    }),
  )
})
