import { expect, test } from 'vitest'
import { parseLoad } from './load.ts'

const output = `Running 3s test @ http://127.19.0.2:8080/
  1 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     2.05ms    1.01ms  26.80ms   93.54%
    Req/Sec    31.68k     2.64k   34.07k    93.33%
  94587 requests in 3.00s, 17.41MB read
`

test('the count of requests is read', () => {
  expect(parseLoad(`${output}Requests/sec:  31500.52\nTransfer/sec:      5.80MB\n`)).toEqual({
    requests: 94587,
    perSecond: 31500.52,
    complaints: [],
  })
})

test('errors and bad statuses are told', () => {
  const errors = 'Socket errors: connect 0, read 3, write 0, timeout 0'
  const statuses = 'Non-2xx or 3xx responses: 12'
  expect(parseLoad(`${output}  ${errors}\n  ${statuses}\nRequests/sec: 1\n`).complaints).toEqual([
    errors,
    statuses,
  ])
})

test('a load without a single answer is an error', () => {
  expect(() => parseLoad('  0 requests in 3.00s, 0.00B read')).toThrow('wrk got no answer')
  expect(() => parseLoad('')).toThrow('no output')
})
