import { cbor, dateToTag } from '@smithy/core/cbor'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeCbor } from './cbor-decoder.ts'

const bytes = (hex: string) => new Uint8Array(Buffer.from(hex.replaceAll(' ', ''), 'hex'))

/** Values that inputs of operations have. */
const { value: values } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.string({ unit: 'grapheme', maxLength: 40 }),
    fc.integer(),
    fc.maxSafeInteger(),
    fc.double({ noNaN: true }).map((value) => value + 0),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value')),
    fc.dictionary(
      fc.string().filter((key) => key !== '__proto__'),
      tie('value'),
      {
        noNullPrototype: true,
      },
    ),
  ),
}))

test('what the SDK writes is read', () => {
  fc.assert(
    fc.property(values, (value) => {
      expect(decodeCbor(cbor.serialize(value))).toEqual(value)
    }),
  )
})

test('timestamps are read with their milliseconds', () => {
  const date = new Date('2026-01-01T12:34:56.789Z')
  expect(decodeCbor(cbor.serialize({ at: dateToTag(date) }))).toEqual({ at: date })
})

test.each([
  ['strings in pieces', '7f 62 6162 61 63 ff', 'abc'],
  ['lists without a length', '9f 01 82 02 03 ff', [1, [2, 3]]],
  ['maps without a length', 'bf 61 61 01 ff', { a: 1 }],
  ['fractions of two bytes', 'f9 3e00', 1.5],
  ['negative numbers', '38 63', -100],
])('%s are read', (_, hex, value) => {
  expect(decodeCbor(bytes(hex))).toEqual(value)
})

test.each([
  ['nothing', ''],
  ['something more', '01 01'],
  ['a text that ends early', '63 6162'],
  ['a list that announces more than there is', '9b ffff ffff ffff ffff 01'],
  ['a map whose key is no text', 'a1 01 01'],
  ['a text that is no UTF-8', '62 c328'],
  ['a big number', 'c2 42 ffff'],
  ['a decimal fraction of a great exponent', 'c4 82 1a 0fff ffff 01'],
  ['a timestamp that is a text', 'c1 61 61'],
  ['a break without a beginning', 'ff'],
  ['pieces of pieces', '7f 7f 61 61 ff ff'],
  ['a reserved length', '1c'],
  ['a simple value that means nothing', 'e0'],
  ['a list a million deep', '81'.repeat(1_000_000)],
])('%s is refused', (_, hex) => {
  expect(() => decodeCbor(bytes(hex))).toThrow('The request is not CBOR')
})

test('whatever bytes come, they are read or refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (document) => {
      try {
        decodeCbor(document)
      } catch (error) {
        expect(String(error)).toContain('The request is not CBOR')
      }
    }),
  )
})
