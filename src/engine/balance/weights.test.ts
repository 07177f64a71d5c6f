import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Origin } from '../../../test/support/peer.ts'
import { ok, Serving } from '../../../test/support/serving.ts'
import type { Pool } from '../../snapshot/snapshot.ts'
import { selectorFor } from './balancing.ts'
import { type Loaded, Rotation } from './selector.ts'
import { SlowStart } from './slow-start.ts'

const target = (weight: number, outstanding = 0): Loaded => ({
  outstanding,
  full: false,
  behind: false,
  weight,
  place: '',
})

test('round robin takes targets in turn, each as often as its weight, and smoothly', () => {
  const [a, b, c] = [target(5), target(1), target(1)]
  const selector = selectorFor('round-robin', [a, b, c], new Rotation())
  const picks = Array.from({ length: 14 }, () => selector.pick([], ''))
  expect(picks).toEqual([a, a, b, a, c, a, a, a, a, b, a, c, a, a])
})

test('round robin shares exactly by weights, whatever they are', () => {
  const weights = fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 8 })
  fc.assert(
    fc.property(weights, (all) => {
      const targets = all.map((weight) => target(weight))
      const selector = selectorFor('round-robin', targets, new Rotation())
      const sum = all.reduce((a, b) => a + b, 0)
      const picks = Array.from({ length: sum }, () => selector.pick([], ''))
      for (const one of targets) {
        const count = picks.filter((pick) => pick === one).length
        // Equal weights take turns without counting.
        const same = all.every((weight) => weight === all[0])
        if (!same) expect(count).toBe(one.weight)
        else expect(count).toBe(sum / all.length)
      }
    }),
  )
})

test('turns go on where they were after the list of targets has changed', () => {
  const [a, b, c] = [target(3), target(1), target(3)]
  const rotation = new Rotation()
  const before = selectorFor('round-robin', [a, b], rotation)
  expect([before.pick([], ''), before.pick([], '')]).toEqual([a, a])
  const after = selectorFor('round-robin', [a, b, c], rotation)
  expect(after.pick([], '')).toBe(b)
})

test('least outstanding looks at the load for the weight', () => {
  const [a, b] = [target(10, 9), target(1, 1)]
  const selector = selectorFor('least-outstanding', [a, b], new Rotation())
  expect(selector.pick([], '')).toBe(a)
  expect(selectorFor('least-outstanding', [target(10, 11), b], new Rotation()).pick([], '')).toBe(b)
})

test('least outstanding shares by weight among those with equal load', () => {
  const targets = [target(3), target(1), target(9, 1)]
  const selector = selectorFor('least-outstanding', targets, new Rotation())
  const picks = Array.from({ length: 40 }, () => selector.pick([], ''))
  expect(targets.map((one) => picks.filter((pick) => pick === one).length)).toEqual([30, 10, 0])
})

test.each(['round-robin', 'least-outstanding'] as const)(
  'with weights, %s passes over what was tried, is full, or cannot be reached',
  (algorithm) => {
    const behind = { ...target(100), behind: true }
    const full = { ...target(100), full: true }
    const [a, b] = [target(2), target(1)]
    const selector = selectorFor(algorithm, [behind, full, a, b], new Rotation())
    const picks = Array.from({ length: 9 }, () => selector.pick([], ''))
    expect(picks.filter((pick) => pick === a)).toHaveLength(6)
    expect(picks.filter((pick) => pick === b)).toHaveLength(3)
    expect(selector.pick([a, b], '')).toBe(behind)
    expect(selector.pick([a, b, behind], '')).toBeUndefined()
    expect(selector.hasMore([a, b, behind])).toBe(true)
  },
)

test('slow start grows to the share that the weight gives', () => {
  const [old, warm] = [target(1), target(3)]
  const inner = selectorFor('round-robin', [old, warm], new Rotation())
  const warming = [{ target: warm, ramp: { since: 0, credit: 0 } }]
  const selector = new SlowStart(inner, warming, 4, 10_000, () => 5000)
  const picks = Array.from({ length: 1000 }, () => selector.pick([], ''))
  expect(picks.filter((pick) => pick === warm).length / 1000).toBeCloseTo(0.375, 1)
})

/** What clients get from targets that answer their number, as a text of digits. */
async function answers(serving: Serving, requests: number): Promise<string> {
  await using client = await serving.connect()
  let answers = ''
  for (let i = 0; i < requests; i += 1) {
    client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    answers += (await client.until(/\r\n\r\n.$/)).at(-1)
    client.take()
  }
  return answers
}

const weighted = (origins: readonly Origin[], ...weights: number[]): Partial<Pool> => ({
  algorithm: 'round-robin',
  targets: origins.map(({ host, port }, index) => {
    const weight = weights[index] ?? 1
    return { id: `t${index}`, host, port, zone: 'a', check: null, weight }
  }),
})

test('requests are shared by the weights of targets, and a target of weight 0 gets none', async () => {
  await using a = await Origin.answering(ok('0'))
  await using b = await Origin.answering(ok('1'))
  await using c = await Origin.answering(ok('2'))
  const origins = [a, b, c]
  await using serving = await Serving.start(origins, { pool: weighted(origins, 3, 1, 0) })
  expect([...(await answers(serving, 8))].sort().join('')).toBe('00000011')
})

test('a target whose weight becomes 0 finishes what it has, and a weight that comes back counts at once', async () => {
  await using a = await Origin.start()
  await using b = await Origin.answering(ok('1'))
  const origins = [a, b]
  await using serving = await Serving.start(origins, { pool: weighted(origins, 1, 0) })
  await using client = await serving.connect()
  client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  const peer = await a.peer(0)
  await peer.until('\r\n\r\n')
  await serving.apply(origins, {}, weighted(origins, 0, 1))
  expect(await answers(serving, 4)).toBe('1111')
  peer.send(ok('0'))
  expect(await client.until(/\r\n\r\n.$/)).toMatch(/0$/)
  await serving.apply(origins, {}, weighted(origins, 0, 0))
  expect(await serving.exchange('GET / HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.1 503 /)
  await serving.apply(origins, {}, weighted(origins, 0, 100))
  expect(await answers(serving, 3)).toBe('111')
})
