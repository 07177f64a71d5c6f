import type { Socket } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { ManualClock } from '../../../test/support/manual-clock.ts'
import { answering, RawInstance } from '../../../test/support/raw-instance.ts'
import type { HealthCheck } from '../../snapshot/snapshot.ts'
import type { TargetHealth } from '../../snapshot/status.ts'
import { createLogger } from '../../telemetry/logger.ts'
import { HealthChecker } from './health-checker.ts'

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'
const down = 'HTTP/1.1 503 Down\r\nContent-Length: 0\r\n\r\n'
const silent = ''

/** An instance whose answer to all checks from now on can be changed, and a checker that is told to check it. */
class Bench implements AsyncDisposable {
  readonly clock = new ManualClock()
  readonly changes: TargetHealth[] = []
  /** Checks whose connection could not be made, each time. */
  readonly connectErrors: string[] = []
  readonly checker: HealthChecker
  readonly instance: RawInstance
  readonly requests: string[]
  #answer: string

  static async start(answer: string, random = 0): Promise<Bench> {
    const requests: string[] = []
    let bench: Bench | undefined
    const instance = await RawInstance.listen((socket: Socket) => {
      socket.once('data', (bytes) => requests.push(bytes.toString().split(' ')[1] ?? ''))
      answering(bench === undefined ? answer : bench.#answer)(socket)
    })
    bench = new Bench(answer, random, instance, requests)
    return bench
  }

  private constructor(answer: string, random: number, instance: RawInstance, requests: string[]) {
    this.#answer = answer
    this.instance = instance
    this.requests = requests
    this.checker = new HealthChecker({
      clock: this.clock,
      logger: createLogger('silent'),
      random: () => random,
      onChange: (health) => this.changes.push(health),
      onConnectError: (check) => this.connectErrors.push(check),
    })
  }

  check(more: Partial<HealthCheck> = {}): HealthCheck {
    return {
      id: 'a',
      host: '127.0.0.1',
      port: this.instance.port,
      probe: { protocol: 'http', path: '/ping' },
      interval: 30_000,
      timeout: 5000,
      healthyThreshold: 3,
      unhealthyThreshold: 2,
      ...more,
    }
  }

  answer(bytes: string): void {
    this.#answer = bytes
  }

  /** Moves the clock, and resolves when all checks that became due by it have a result. */
  async results(ms: number, count: number): Promise<void> {
    const before = this.#resultTimes()
    this.clock.advance(ms)
    await until(() => {
      const now = this.#resultTimes()
      return [...now].filter(([id, at]) => at !== before.get(id)).length === count
    })
  }

  get state(): string | undefined {
    return this.checker.states()[0]?.state
  }

  #resultTimes(): Map<string, number | undefined> {
    return new Map(this.checker.states().map(({ check, last }) => [check, last?.at]))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.checker[Symbol.asyncDispose]()
    await this.instance[Symbol.asyncDispose]()
    expect(this.clock.pending).toBe(0)
  }
}

/** Lets events of sockets come until it is so; the test's own time limit ends it. */
async function until(so: () => boolean): Promise<void> {
  while (!so()) await turn()
}

/** For what must not happen: more than enough turns for a request on loopback to arrive. */
async function quiet(): Promise<void> {
  for (let i = 0; i < 50; i += 1) await turn()
}

test('the first check goes out at once, and one success brings the target in', async () => {
  await using bench = await Bench.start(ok)
  bench.checker.apply([bench.check()])
  expect(bench.checker.states()).toEqual([{ check: 'a', state: 'initial', last: null }])
  await bench.results(0, 1)
  const told = {
    check: 'a',
    state: 'healthy',
    last: { at: bench.clock.now(), passed: true, detail: 'answered 200' },
  }
  expect(bench.checker.states()).toEqual([told])
  expect(bench.changes).toEqual([told])
})

test('failures in a row take a target out, successes in a row bring it back, and each change is told', async () => {
  await using bench = await Bench.start(ok)
  bench.checker.apply([bench.check()])
  await bench.results(0, 1)
  bench.answer(down)
  await bench.results(30_000, 1)
  await bench.results(30_000, 1)
  await bench.results(30_000, 1)
  bench.answer(ok)
  for (let i = 0; i < 4; i += 1) await bench.results(30_000, 1)
  const told = bench.changes.map(({ state, last }) => `${state}: ${last?.detail}`)
  expect(told).toEqual([
    'healthy: answered 200',
    'healthy: answered 503',
    'unhealthy: answered 503',
    'unhealthy: answered 200',
    'healthy: answered 200',
  ])
  expect(bench.checker.states()[0]?.last?.at).toBe(bench.clock.now())
})

test('a check follows the one before by the interval, whatever time the answer took', async () => {
  await using bench = await Bench.start(silent)
  bench.checker.apply([bench.check()])
  bench.clock.advance(0)
  await until(() => bench.requests.length === 1)
  await bench.results(5000, 1)
  expect(bench.checker.states()[0]?.last?.detail).toBe('no answer within 5 s')
  bench.clock.advance(24_999)
  await quiet()
  expect(bench.requests).toHaveLength(1)
  bench.clock.advance(1)
  await until(() => bench.requests.length === 2)
})

test('the second check may come a tenth of an interval early, later ones are an interval apart', async () => {
  await using bench = await Bench.start(ok, 0.999)
  bench.checker.apply([bench.check()])
  await bench.results(0, 1)
  await bench.results(27_003, 1)
  bench.clock.advance(29_999)
  await quiet()
  expect(bench.requests).toHaveLength(2)
  await bench.results(1, 1)
})

test('an equal set of checks touches nothing', async () => {
  await using bench = await Bench.start(ok)
  bench.checker.apply([bench.check()])
  await bench.results(0, 1)
  bench.checker.apply([bench.check()])
  bench.clock.advance(29_999)
  await quiet()
  expect(bench.requests).toHaveLength(1)
  await bench.results(1, 1)
})

test('a changed check goes out at once with the state kept and its results counted anew', async () => {
  await using bench = await Bench.start(ok)
  bench.checker.apply([bench.check()])
  await bench.results(0, 1)
  bench.answer(down)
  await bench.results(30_000, 1)
  bench.checker.apply([bench.check({ probe: { protocol: 'http', path: '/other' } })])
  expect(bench.state).toBe('healthy')
  await bench.results(1, 1)
  expect(bench.requests).toEqual(['/ping', '/ping', '/other'])
  expect(bench.state, 'one failure of the changed check').toBe('healthy')
  await bench.results(30_000, 1)
  expect(bench.state).toBe('unhealthy')
  bench.answer(ok)
  await bench.results(30_000, 1)
  expect(bench.state, 'it was healthy once, so one success is not enough').toBe('unhealthy')
})

test('a check of another host starts at initial, and that is told', async () => {
  await using bench = await Bench.start(ok)
  bench.checker.apply([bench.check()])
  await bench.results(0, 1)
  bench.checker.apply([bench.check({ host: '127.19.255.253' })])
  expect(bench.changes.at(-1)).toEqual({ check: 'a', state: 'initial', last: null })
})

test('a check that is gone stops, is forgotten, and starts at initial when it comes again', async () => {
  await using bench = await Bench.start(ok)
  bench.checker.apply([bench.check()])
  await bench.results(0, 1)
  bench.checker.apply([])
  expect(bench.checker.states()).toEqual([])
  expect(bench.clock.pending).toBe(0)
  bench.checker.apply([bench.check()])
  expect(bench.state).toBe('initial')
})

test('a check that is gone while it waits for its answer tells nothing more', async () => {
  await using bench = await Bench.start(silent)
  bench.checker.apply([bench.check()])
  bench.clock.advance(0)
  await until(() => bench.requests.length === 1)
  bench.checker.apply([])
  await until(() => bench.instance.connections === 0)
  expect(bench.changes).toEqual([])
})

test('disposing closes the connections of checks under way and those that wait', async () => {
  const bench = await Bench.start(silent)
  bench.checker.apply(Array.from({ length: 300 }, (_, i) => bench.check({ id: `check-${i}` })))
  bench.clock.advance(1000)
  await until(() => bench.requests.length === 256)
  await bench.checker[Symbol.asyncDispose]()
  expect(bench.clock.pending).toBe(0)
  await until(() => bench.instance.connections === 0)
  await quiet()
  expect(bench.requests).toHaveLength(256)
  await bench[Symbol.asyncDispose]()
})

test('a thousand checks that are added together have their verdicts within the interval', async () => {
  await using bench = await Bench.start(ok)
  const checks = Array.from({ length: 1000 }, (_, i) => bench.check({ id: `check-${i}` }))
  bench.checker.apply(checks)
  await bench.results(1000, 1000)
  expect(bench.checker.states().every(({ state }) => state === 'healthy')).toBe(true)
  bench.answer(silent)
  bench.clock.advance(30_000)
  // 256 at a time until their time-out: all but the last round wait, and all end within the interval.
  for (const requests of [1256, 1512, 1768, 2000]) {
    await until(() => bench.requests.length === requests)
    bench.clock.advance(5000)
  }
  await until(() => bench.checker.states().every(({ last }) => last?.passed === false))
})

test('a check that could not connect is told apart from one that failed', async () => {
  await using bench = await Bench.start(down)
  bench.checker.apply([bench.check(), bench.check({ id: 'b', host: '127.0.0.2', port: 1 })])
  await bench.results(1000, 2)
  await bench.results(30_000, 2)
  expect(bench.connectErrors).toEqual(['b', 'b'])
})
