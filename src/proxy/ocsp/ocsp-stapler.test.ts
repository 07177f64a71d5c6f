import { expect } from 'vitest'
import { eventually } from '../../../test/support/eventually.ts'
import { ManualClock } from '../../../test/support/manual-clock.ts'
import { testWith } from '../../../test/support/needs.ts'
import { answerMinutes, OcspResponder } from '../../../test/support/ocsp-responder.ts'
import { createLogger } from '../../telemetry/logger.ts'
import { OcspStapler } from './ocsp-stapler.ts'

const minute = 60_000
const half = (answerMinutes / 2) * minute
const test = testWith('openssl', 'openssl')

/** A stapler under a clock that stands at now, as the answers are of now. */
class Stapling implements Disposable {
  readonly clock = new ManualClock(Date.now())
  readonly shown = new Map<string, Uint8Array>()
  readonly stapler: OcspStapler

  constructor() {
    this.stapler = new OcspStapler({
      clock: this.clock,
      logger: createLogger('silent'),
      changed: (certificate, answer) => {
        if (answer === null) this.shown.delete(certificate)
        else this.shown.set(certificate, answer)
      },
    })
  }

  apply(...responders: OcspResponder[]): void {
    this.stapler.apply(
      responders.map(({ certificate, authority, privateKey }) => ({
        id: certificate,
        chain: certificate + authority,
        key: privateKey,
      })),
    )
  }

  [Symbol.dispose](): void {
    this.stapler[Symbol.dispose]()
  }
}

async function failedOnce(stapling: Stapling, responder: OcspResponder): Promise<void> {
  await eventually('a next time', () => responder.asked > 0 && stapling.clock.pending === 1)
}

test('an answer is shown, and asked for again when half of its time is over', async () => {
  await using responder = await OcspResponder.start()
  using stapling = new Stapling()
  stapling.apply(responder)
  await eventually('an answer', () => stapling.shown.has(responder.certificate))
  await eventually('a next time', () => stapling.clock.pending === 1)
  stapling.clock.advance(half - 2 * minute)
  expect(responder.asked).toBe(1)
  stapling.clock.advance(3 * minute)
  await eventually('a second question', () => responder.asked === 2)
})

test('an answer stays while the responder fails, until it ends', async () => {
  await using responder = await OcspResponder.start()
  using stapling = new Stapling()
  stapling.apply(responder)
  await eventually('an answer', () => stapling.shown.size === 1 && stapling.clock.pending === 1)
  responder.says = 'broken'
  stapling.clock.advance(half)
  await eventually('a failure', () => responder.asked === 2 && stapling.clock.pending === 1)
  expect(stapling.shown.size).toBe(1)
  while (stapling.shown.size > 0) {
    const { asked } = responder
    stapling.clock.advance(10 * minute)
    await eventually('another', () => responder.asked > asked && stapling.clock.pending === 1)
  }
  expect(stapling.clock.now()).toBeGreaterThan(Date.now() + half)
})

test('nothing is shown of a certificate that is revoked', async () => {
  await using responder = await OcspResponder.start()
  responder.says = 'revoked'
  using stapling = new Stapling()
  stapling.apply(responder)
  await failedOnce(stapling, responder)
  expect(stapling.shown.size).toBe(0)
})

test('nothing is shown that another authority has signed', async () => {
  await using responder = await OcspResponder.start()
  await using other = await OcspResponder.start()
  responder.signer = other
  using stapling = new Stapling()
  stapling.apply(responder)
  await failedOnce(stapling, responder)
  expect(stapling.shown.size).toBe(0)
})

test('what is shown with a certificate ends when that is used no more', async () => {
  await using responder = await OcspResponder.start()
  using stapling = new Stapling()
  stapling.apply(responder)
  await eventually('an answer', () => stapling.shown.size === 1 && stapling.clock.pending === 1)
  stapling.apply()
  expect([stapling.shown.size, stapling.clock.pending]).toEqual([0, 0])
})
