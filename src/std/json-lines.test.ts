import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeJsonLine, JsonLineReader } from './json-lines.ts'

test('values come out the same whatever the split of the bytes', () => {
  fc.assert(
    fc.property(fc.array(fc.json()), fc.array(fc.nat(50)), (texts, cuts) => {
      const values = texts.map((text) => JSON.parse(text) as unknown)
      const reader = new JsonLineReader()
      const got: unknown[] = []
      let rest = Buffer.from(values.map(encodeJsonLine).join(''))
      for (const cut of cuts) {
        got.push(...reader.push(rest.subarray(0, cut)))
        rest = rest.subarray(cut)
      }
      got.push(...reader.push(rest))
      expect(got).toEqual(values)
    }),
  )
})

test('a line that is not JSON is refused', () => {
  expect(() => new JsonLineReader().push(Buffer.from('{nonsense\n'))).toThrow(SyntaxError)
})
