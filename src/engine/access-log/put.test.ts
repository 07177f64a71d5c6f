import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bytesOf, putBytes, putEscaped, putPadded, putText, putWhole } from './put.ts'

/** What is written, between characters that must stay. */
function written(write: (bytes: Buffer, at: number) => number): string {
  const bytes = Buffer.alloc(100, '#')
  const end = write(bytes, 1)
  expect(bytes.toString('latin1', end)).toMatch(/^#+$/)
  expect(bytes[0]).toBe(0x23)
  return bytes.toString('latin1', 1, end)
}

test('whole numbers are written as they are, however large', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), (value) => {
      expect(written((bytes, at) => putWhole(bytes, at, value))).toBe(String(value))
    }),
    { examples: [0, 9, 10, 99, 100, 2 ** 31 - 1, 2 ** 31].map((value) => [value]) },
  )
})

test('zeros go before a number that is to have more digits', () => {
  expect(written((bytes, at) => putPadded(bytes, at, 57, 6))).toBe('000057')
  expect(written((bytes, at) => putPadded(bytes, at, 999_999, 6))).toBe('999999')
})

test('text is written as it is, as characters or as bytes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary-ascii', maxLength: 90 }), (text) => {
      expect(written((bytes, at) => putText(bytes, at, text))).toBe(text)
      expect(written((bytes, at) => putBytes(bytes, at, bytesOf(text)))).toBe(text)
    }),
  )
})

test('what could end a field is escaped, wherever it stands', () => {
  expect(written((bytes, at) => putEscaped(bytes, at, 'curl/8 "\\\n\x7f\xe9"'))).toBe(
    'curl/8 \\x22\\x5c\\x0a\\x7f\\xe9\\x22',
  )
  expect(written((bytes, at) => putEscaped(bytes, at, '"GET'))).toBe('\\x22GET')
})
