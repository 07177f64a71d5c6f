import { expect, test } from 'vitest'
import { parseH2load, parseHandshakes, parseWrk } from './load.ts'

const output = `Running 3s test @ http://127.19.0.2:8080/
  1 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     2.05ms    1.01ms  26.80ms   93.54%
    Req/Sec    31.68k     2.64k   34.07k    93.33%
  94587 requests in 3.00s, 17.41MB read
`

test('the count of requests is read', () => {
  expect(parseWrk(`${output}Requests/sec:  31500.52\nTransfer/sec:      5.80MB\n`)).toEqual({
    requests: 94587,
    perSecond: 31500.52,
    complaints: [],
  })
})

test('errors and bad statuses are told', () => {
  const errors = 'Socket errors: connect 0, read 3, write 0, timeout 0'
  const statuses = 'Non-2xx or 3xx responses: 12'
  expect(parseWrk(`${output}  ${errors}\n  ${statuses}\nRequests/sec: 1\n`).complaints).toEqual([
    errors,
    statuses,
  ])
})

test('a load without a single answer is an error', () => {
  expect(() => parseWrk('  0 requests in 3.00s, 0.00B read')).toThrow('wrk got no answer')
  expect(() => parseWrk('')).toThrow('no output')
})

const h2load = `finished in 2.00s, 14321.50 req/s, 1.02MB/s
requests: 28643 total, 28771 started, 28643 done, 28643 succeeded, 0 failed, 0 errored, 0 timeout
status codes: 28643 2xx, 0 3xx, 0 4xx, 0 5xx
`

test('of HTTP/2, good answers count, and others are told', () => {
  expect(parseH2load(h2load)).toEqual({ requests: 28643, perSecond: 14321.5, complaints: [] })
  const failed = h2load.replace('0 failed', '7 failed')
  expect(parseH2load(failed).complaints).toEqual([expect.stringContaining('7 failed')])
})

test('handshakes per second come from the time that they really took', () => {
  const printed = JSON.stringify({ count: 300, seconds: 2.5, errors: ['not full'] })
  expect(parseHandshakes(printed)).toEqual({
    requests: 300,
    perSecond: 120,
    complaints: ['not full'],
  })
})
