import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fitsWildcards } from './wildcards.ts'

test('any pattern and text: as a regular expression has it', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 12 })
  const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 8 })
  fc.assert(
    fc.property(text, pattern, (some, wild) => {
      const expression = new RegExp(`^${wild.replaceAll('*', '.*').replaceAll('?', '.')}$`)
      expect(fitsWildcards(some, wild)).toBe(expression.test(some))
    }),
    { numRuns: 2000 },
  )
})

test('asterisks and question marks of the text are characters as any', () => {
  expect(fitsWildcards('a*b', 'a*b')).toBe(true)
  expect(fitsWildcards('*', '?')).toBe(true)
  expect(fitsWildcards('a*', 'a')).toBe(false)
})
