import { expect, test } from 'vitest'
import { readOptions } from './options.ts'

test('two scenarios of load can be compared', () => {
  const { compared, rounds } = readOptions(['--compare', 'keep-alive,access-log', '--rounds', '20'])
  expect(compared?.map(({ name }) => name)).toEqual(['keep-alive', 'access-log'])
  expect(rounds).toBe(20)
  expect(readOptions([]).compared).toBeNull()
})

test('what is not counted can be compared, and not measured alone', () => {
  const { compared } = readOptions(['--compare', 'uncounted,access-log'])
  expect(compared?.[0]).toMatchObject({ uncounted: true, listener: 'http' })
  expect(() => readOptions(['--scenario', 'uncounted'])).toThrow("not 'uncounted'")
})

test.each([
  ['keep-alive', "must be two scenarios of load, not 'keep-alive'"],
  ['tcp,tcp,tcp', "must be two scenarios of load, not 'tcp,tcp,tcp'"],
  ['keep-alive,memory', "must be two scenarios of load, not 'keep-alive,memory'"],
  ['keep-alive,udp', "not 'udp'"],
])('what cannot be compared is refused: %s', (compare, reason) => {
  expect(() => readOptions(['--compare', compare])).toThrow(reason)
})
