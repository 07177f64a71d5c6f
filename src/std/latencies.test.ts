import { expect, test } from 'vitest'
import { Distribution } from './distribution.ts'
import { addLatencies, latenciesOf, latencyBounds, noLatencies } from './latencies.ts'

function latencies(...seconds: number[]) {
  const distribution = new Distribution()
  for (const each of seconds) distribution.add(each)
  const samples = distribution.samples()
  return samples === null ? noLatencies : latenciesOf(samples)
}

function atMost(bound: number, { atMost }: typeof noLatencies): number | undefined {
  return atMost[latencyBounds.indexOf(bound)]
}

test('each bound has those that are at most as long, so that the counts never fall', () => {
  const found = latencies(0, 0.004, 0.02, 0.3, 99)
  expect(found).toMatchObject({ count: 5, sum: 99.324 })
  expect([0.001, 0.005, 0.025, 0.5, 60].map((bound) => atMost(bound, found))).toEqual([
    1, 2, 3, 4, 4,
  ])
})

test('totals of two places add up', () => {
  const sum = addLatencies(latencies(0.02), latencies(0.02, 3))
  expect(sum).toMatchObject({ count: 3, sum: 3.04 })
  expect([atMost(0.025, sum), atMost(5, sum)]).toEqual([2, 3])
})
