import { expect, test } from 'vitest'
import { parseStatus } from './memory.ts'

test('anonymous memory is read in bytes', () => {
  expect(parseStatus('Name:\tnode\nVmRSS:\t 99 kB\nRssAnon:\t   12 kB\nRssFile:\t 87 kB\n')).toBe(
    12_288,
  )
})

test('a status without it is an error', () => {
  expect(() => parseStatus('Name:\tnode\n')).toThrow('no RssAnon')
})
