import { expect, test } from 'vitest'
import { nothingCounted } from '../../test/support/counters.ts'
import type { ListenerCounters } from '../snapshot/status.ts'
import { CounterTotals } from './counter-totals.ts'

function counted(listener: string, requests: number): ListenerCounters {
  return {
    ...nothingCounted,
    listener,
    connections: requests,
    openConnections: 1,
    requests,
    routed: requests,
    target2xx: requests,
  }
}

const requestsOf = (totals: CounterTotals) =>
  Object.fromEntries(totals.totals().map(({ listener, requests }) => [listener, requests]))

test('totals do not fall when a thread ends and starts again', () => {
  const totals = new CounterTotals()
  totals.set(0, [counted('l', 5)])
  totals.set(1, [counted('l', 7)])
  totals.end(0)
  expect(totals.totals()).toMatchObject([{ requests: 12, openConnections: 1 }])
  totals.set(0, [counted('l', 1)])
  expect(totals.totals()).toMatchObject([{ requests: 13, openConnections: 2 }])
})

test('what ended threads counted for a listener that is gone is forgotten', () => {
  const totals = new CounterTotals()
  totals.set(0, [counted('stays', 5), counted('goes', 5)])
  totals.end(0)
  totals.set(0, [counted('stays', 1)])
  totals.keep(new Set(['stays']))
  expect(requestsOf(totals)).toEqual({ stays: 6 })
})

test('requests that do not comply are summed by reason', () => {
  const totals = new CounterTotals()
  const one = counted('l', 1)
  totals.set(0, [{ ...one, nonCompliantRequests: { BadUri: 2, BadHost: 1 } }])
  totals.set(1, [{ ...one, nonCompliantRequests: { BadUri: 3, EmptyHeader: 1 } }])
  totals.end(0)
  const nonCompliantRequests = { BadUri: 5, BadHost: 1, EmptyHeader: 1 }
  expect(totals.totals()).toMatchObject([{ nonCompliantRequests }])
})
