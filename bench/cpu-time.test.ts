import { expect, test } from 'vitest'
import { parseStat } from './cpu-time.ts'

test('user and system time are read behind a name with spaces and brackets in it', () => {
  const stat =
    '42 (nginx: (worker) 1) S 1 42 42 0 -1 4194624 100 0 0 0 250 1075 7 9 20 0 1 0 99 1 1'
  expect(parseStat(stat, 100)).toEqual({ user: 2.5, system: 10.75 })
})
