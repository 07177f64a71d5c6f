import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LogBuffer } from './log-buffer.ts'

function written(write: (to: LogBuffer) => void): string {
  const buffer = new LogBuffer()
  write(buffer)
  return buffer.written.toString('latin1')
}

test('whole numbers are written as they are, however large', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), (value) => {
      expect(written((to) => to.whole(value))).toBe(String(value))
    }),
    { examples: [0, 9, 10, 99, 100, 2 ** 31 - 1, 2 ** 31].map((value) => [value]) },
  )
})

test('zeros go before a number that is to have more digits', () => {
  expect(written((to) => to.padded(57, 6))).toBe('000057')
  expect(written((to) => to.padded(999_999, 6))).toBe('999999')
})

test('nothing is lost while it grows, whatever is written', () => {
  const parts = fc.oneof(fc.nat(), fc.string({ unit: 'binary-ascii', maxLength: 3000 }))
  fc.assert(
    fc.property(fc.array(parts, { maxLength: 40 }), (all) => {
      const text = written((to) => {
        for (const part of all) {
          if (typeof part === 'number') to.whole(part)
          else to.text(part)
          to.character(0x0a)
        }
      })
      expect(text).toBe(all.map((part) => `${part}\n`).join(''))
    }),
  )
})

test('what was written last can be taken back', () => {
  const text = written((to) => {
    to.text('one')
    const { length } = to
    to.text(', two')
    to.length = length
    to.text('.')
  })
  expect(text).toBe('one.')
})
