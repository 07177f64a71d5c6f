import { expect, test } from 'vitest'
import { median, type Sample, table } from './table.ts'

const sample = (user: number, system: number): Sample => ({ user, system, perSecond: 1000 })

test('medians of the rounds are compared, and what was not measured has a dash', () => {
  const rows = [
    {
      title: 'HTTP',
      samples: new Map([
        ['weir', [sample(2, 8), sample(50, 50), sample(2, 10)]],
        ['haproxy', [sample(4, 4), sample(4, 4), sample(4, 4)]],
      ]),
    },
  ]
  expect(table(rows, ['weir', 'haproxy', 'nginx'])).toBe(
    [
      'scenario  weir               haproxy          nginx  weir/haproxy  weir/nginx',
      'HTTP      12.0 (2.0 + 10.0)  8.0 (4.0 + 4.0)  –      1.50          –',
    ].join('\n'),
  )
})

test('the median of an even count lies between the middle two', () => {
  expect(median([4, 1, 3, 100])).toBe(3.5)
})
