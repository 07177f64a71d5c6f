import { describe, expect, test } from 'vitest'
import { compilePattern } from './pattern.ts'

test('a pattern is found anywhere, unless anchors say where', () => {
  expect(compilePattern('b+').test('/abc')).toBe(true)
  expect(compilePattern('^b').test('/abc')).toBe(false)
  expect(compilePattern('^/a.c$').test('/abc')).toBe(true)
})

test.each(['(', '[z-a]', 'a{2000}', '(a)\\1', '(?=a)', '(?<!a)b', '(a{0,30}){30}'])(
  '%s is refused',
  (source) => {
    expect(() => compilePattern(source)).toThrow(SyntaxError)
  },
)

describe('patterns at which backtracking would never end are judged all the same', () => {
  const text = `/${'a'.repeat(2000)}!`
  test.each(['^(/a+)+$', '^/(a|aa)+$', '^/(a*)*$', '^/(.*)*x$', '^/((a?){5}){10}x', '^/(a|a)*$'])(
    '%s',
    (source) => expect(compilePattern(source).test(text)).toBe(false),
  )
})

test('what is longer than a pattern is looked for in does not fit', () => {
  expect(compilePattern('a').test('a'.repeat(2048))).toBe(true)
  expect(compilePattern('a').test('a'.repeat(2049))).toBe(false)
})
