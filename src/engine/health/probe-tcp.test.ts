import { once } from 'node:events'
import type { Socket } from 'node:net'
import { expect, test } from 'vitest'
import { ManualClock } from '../../../test/support/manual-clock.ts'
import { RawInstance } from '../../../test/support/raw-instance.ts'
import type { HealthCheck } from '../../snapshot/snapshot.ts'
import { verdictOfError } from './attempt.ts'
import { probeTcp } from './probe-tcp.ts'

function checkOf(port: number): HealthCheck {
  return {
    id: 'check',
    host: '127.0.0.1',
    port,
    probe: { protocol: 'tcp' },
    interval: 30_000,
    timeout: 5000,
    healthyThreshold: 10,
    unhealthyThreshold: 2,
  }
}

test('a TCP check passes when the connection succeeds, sends nothing and closes it', async () => {
  const clock = new ManualClock()
  const accepted = Promise.withResolvers<Socket>()
  await using instance = await RawInstance.listen(accepted.resolve)
  const { verdict } = probeTcp(checkOf(instance.port), clock)
  expect(await verdict).toEqual({ kind: 'passed', detail: 'connection accepted' })
  const socket = await accepted.promise
  if (!socket.closed) await once(socket.resume(), 'close')
  expect(socket.bytesRead).toBe(0)
  expect(clock.pending).toBe(0)
})

test('a TCP check fails when nothing listens', async () => {
  const clock = new ManualClock()
  const instance = await RawInstance.listen(() => undefined)
  await instance[Symbol.asyncDispose]()
  const { verdict } = probeTcp(checkOf(instance.port), clock)
  expect(await verdict).toEqual({ kind: 'failed', detail: 'connection refused' })
  expect(clock.pending).toBe(0)
})

test('a TCP check fails when there is no connection in time', async () => {
  const clock = new ManualClock()
  await using instance = await RawInstance.listen(() => undefined)
  const { verdict } = probeTcp(checkOf(instance.port), clock)
  // The event loop has not come by yet, so the connection cannot have been made.
  clock.advance(5000)
  expect(await verdict).toEqual({ kind: 'failed', detail: 'no connection within 5 s' })
})

test('a stopped check says nothing about the target', async () => {
  const clock = new ManualClock()
  await using instance = await RawInstance.listen(() => undefined)
  const attempt = probeTcp(checkOf(instance.port), clock)
  attempt.stop()
  expect(await attempt.verdict).toEqual({ kind: 'none', detail: 'stopped' })
  expect(clock.pending).toBe(0)
})

test.each([
  ['EHOSTUNREACH', 'failed', 'host unreachable'],
  ['ENETUNREACH', 'failed', 'network unreachable'],
  ['ECONNRESET', 'failed', 'connection reset'],
  ['EPERM', 'failed', 'connection failed (EPERM)'],
  ['EMFILE', 'none', 'no connection could be opened (EMFILE)'],
])('the error %s means that a check has %s: %s', (code, kind, detail) => {
  expect(verdictOfError(Object.assign(new Error('text of the system'), { code }))).toEqual({
    kind,
    detail,
  })
})
