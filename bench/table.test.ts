import { expect, test } from 'vitest'
import { loadRow, median, memoryRow, quotients, type Sample, speeds, table } from './table.ts'

const sample = (user: number, system: number): Sample => ({ user, system, perSecond: 1000 })

test('medians of the rounds are compared, and what was not measured has a dash', () => {
  const samples = new Map([
    ['weir', [sample(2, 8), sample(50, 50), sample(2, 10)]],
    ['haproxy', [sample(4, 4), sample(4, 4), sample(4, 4)]],
  ])
  const bytes = new Map([
    ['weir', [1000, 2000, 3000]],
    ['haproxy', [4000]],
  ])
  const rows = [memoryRow('memory', bytes), loadRow('HTTP', samples)]
  expect(table(rows, ['weir', 'haproxy', 'nginx'])).toBe(
    [
      'scenario  weir               haproxy          nginx  weir/haproxy  weir/nginx',
      'memory    2000 bytes         4000 bytes       –      0.50          –',
      'HTTP      12.0 (2.0 + 10.0)  8.0 (4.0 + 4.0)  –      1.50          –',
    ].join('\n'),
  )
  expect(speeds(rows, ['weir', 'nginx'])).toBe(
    ['requests/s, a side note  weir  nginx', 'HTTP                     1000  –'].join('\n'),
  )
})

test('of two scenarios that are compared, the rounds are compared one by one', () => {
  const first = new Map([['weir', [sample(5, 5), sample(10, 10), sample(20, 20)]]])
  const second = new Map([['weir', [sample(6, 6), sample(11, 11), sample(60, 60)]]])
  expect(quotients(first, second)).toBe('weir 1.20 (1.10 to 3.00)')
})

test('the median of an even count lies between the middle two', () => {
  expect(median([4, 1, 3, 100])).toBe(3.5)
})
