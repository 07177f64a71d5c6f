import { createPrivateKey, X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { eventually } from '../../test/support/eventually.ts'
import { ManualClock } from '../../test/support/manual-clock.ts'
import { type RequestRecord, requestKeys } from '../aws/acm/request-records.ts'
import { type CertificateRecord, certificateKeys } from '../aws/certificates/records.ts'
import { SecretBox } from '../std/secret-box.ts'
import { openSqliteStore } from '../store/sqlite/sqlite-store.ts'
import { atomically, reader } from '../store/transaction.ts'
import { createLogger } from '../telemetry/logger.ts'
import { CertificateIssuance } from './certificate-issuance.ts'
import { type Issuer, RefusedApplication } from './issuer.ts'
import { LocalCa } from './local-ca.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
const region = 'us-west-2'
const id = 'c1'

/** Issuance over a store of its own. It signs by the local CA; `refuse`, when set, stands against that. */
class Fixture {
  readonly clock = new ManualClock()
  readonly box = new SecretBox(Buffer.alloc(32, 7))
  readonly store
  readonly log: { msg: string; level: number }[] = []
  /** How often the issuer was asked. */
  asked = 0
  refuse: (() => Error) | null = null
  /** Until then it says nothing. */
  held: Promise<void> | null = null
  #issuance: CertificateIssuance | undefined

  constructor() {
    const folder = mkdtempSync(join(tmpdir(), 'weir-issuance-'))
    this.store = openSqliteStore(join(folder, 'weir.db'))
    onTestFinished(async () => {
      this.#issuance?.[Symbol.dispose]()
      await this.store[Symbol.asyncDispose]()
      rmSync(folder, { recursive: true })
    })
  }

  async start(): Promise<void> {
    this.#issuance?.[Symbol.dispose]()
    const ca = new LocalCa(this.store, this.box, this.clock)
    const issuer: Issuer = {
      issue: async (application) => {
        this.asked += 1
        await this.held
        if (this.refuse !== null) throw this.refuse()
        return ca.issue(application)
      },
    }
    const { store, box, clock } = this
    const logger = createLogger('info', {}, { write: (line) => this.log.push(JSON.parse(line)) })
    this.#issuance = new CertificateIssuance({
      store,
      box,
      clock,
      logger,
      issuer: async () => issuer,
    })
    await this.#issuance.start()
  }

  async request(): Promise<void> {
    const now = this.clock.now()
    const record: RequestRecord = {
      id,
      arn: `arn:aws:acm:${region}:123456789012:certificate/${id}`,
      region,
      names: ['www.example.com'],
      keyAlgorithm: 'EC_prime256v1',
      validationMethod: 'DNS',
      idempotencyToken: null,
      transparencyLogging: 'ENABLED',
      tags: [],
      requestedAt: now,
      state: { kind: 'pending', attempts: { begun: 0, nextAt: now } },
    }
    await atomically(this.store, async (tx) => tx.put(requestKeys.of(region, id), record))
  }

  async state(): Promise<RequestRecord['state'] | undefined> {
    return (await reader(this.store).get<RequestRecord>(requestKeys.of(region, id)))?.state
  }

  certificate(): Promise<CertificateRecord | undefined> {
    return reader(this.store).get<CertificateRecord>(certificateKeys.ofAcm(region, id))
  }

  /** Resolves when that many attempts are over, and logged. */
  async over(attempts: number): Promise<void> {
    await eventually(`the end of attempt ${attempts}`, () => {
      const ends = this.log.filter(({ msg }) => msg.startsWith('certificate '))
      return ends.length >= attempts && this.asked >= attempts
    })
  }
}

test('what is requested is issued, with the key sealed', async () => {
  const fixture = new Fixture()
  await fixture.start()
  await fixture.request()
  await eventually('the certificate', async () => (await fixture.state())?.kind === 'issued')
  const record = await fixture.certificate()
  expect(record?.arn).toBe(`arn:aws:acm:${region}:123456789012:certificate/${id}`)
  const certificate = new X509Certificate(record?.body ?? '')
  expect(certificate.subjectAltName).toBe('DNS:www.example.com')
  const key = fixture.box.open(record?.sealedKey ?? '', certificateKeys.ofAcm(region, id))
  expect(certificate.checkPrivateKey(createPrivateKey(key))).toBe(true)
})

test('60 days before its end it is renewed under its ARN, and only then', async () => {
  const fixture = new Fixture()
  await fixture.start()
  await fixture.request()
  await fixture.over(1)
  const first = await fixture.certificate()
  fixture.clock.advance(335 * day - 1000)
  expect(fixture.asked).toBe(1)
  fixture.clock.advance(1000)
  await fixture.over(2)
  await eventually('the new state', async () => {
    const state = await fixture.state()
    return state?.kind === 'issued' && state.renewal?.status === 'success'
  })
  const second = await fixture.certificate()
  expect(second?.arn).toBe(first?.arn)
  expect(second?.body).not.toBe(first?.body)
  expect(second?.sealedKey).not.toBe(first?.sealedKey)
})

test('a failed renewal leaves the certificate in use, and is tried again', async () => {
  const fixture = new Fixture()
  await fixture.start()
  await fixture.request()
  await fixture.over(1)
  const first = await fixture.certificate()
  fixture.refuse = () => new RefusedApplication('CAA_ERROR', 'forbidden by CAA')
  fixture.clock.advance(335 * day)
  await fixture.over(2)
  await eventually('the new state', async () => {
    const state = await fixture.state()
    return state?.kind === 'issued' && state.renewal?.status === 'blocked'
  })
  expect(await fixture.certificate()).toEqual(first)
  fixture.refuse = null
  fixture.clock.advance(2 * minute)
  await fixture.over(3)
  await eventually(
    'the certificate',
    async () => (await fixture.certificate())?.body !== first?.body,
  )
})

test('attempts that fail are repeated after 2, 4, 8 … minutes, at most an hour, and end after 72 hours', async () => {
  const fixture = new Fixture()
  fixture.refuse = () => new Error('connection refused')
  await fixture.start()
  await fixture.request()
  await fixture.over(1)
  for (const [index, pause] of [2, 4, 8, 16, 32, 60, 60].entries()) {
    fixture.clock.advance(pause * minute - 1)
    expect(fixture.asked).toBe(index + 1)
    fixture.clock.advance(1)
    await fixture.over(index + 2)
  }
  fixture.clock.advance(72 * hour)
  await eventually('the end', async () => (await fixture.state())?.kind === 'timed-out')
  const { asked } = fixture
  fixture.clock.advance(365 * day)
  expect(fixture.asked).toBe(asked)
  expect(await fixture.certificate()).toBeUndefined()
})

test('what an authority refuses for good is not tried again', async () => {
  const fixture = new Fixture()
  fixture.refuse = () => new RefusedApplication('DOMAIN_NOT_ALLOWED', 'policy forbids it')
  await fixture.start()
  await fixture.request()
  await eventually('the failure', async () => (await fixture.state())?.kind === 'failed')
  expect(await fixture.state()).toEqual({ kind: 'failed', reason: 'DOMAIN_NOT_ALLOWED' })
  fixture.clock.advance(365 * day)
  expect(fixture.asked).toBe(1)
})

test('a restart goes on with what is pending, but does not repeat an attempt that it cut short at once', async () => {
  const fixture = new Fixture()
  const held = Promise.withResolvers<void>()
  fixture.held = held.promise
  await fixture.request()
  await fixture.start()
  await eventually('the attempt', () => fixture.asked === 1)
  await fixture.start()
  fixture.clock.advance(2 * minute - 1)
  for (let turn = 0; turn < 20; turn += 1) await fixture.state()
  expect(fixture.asked).toBe(1)
  fixture.clock.advance(1)
  await eventually('another attempt', () => fixture.asked === 2)
  held.resolve()
  await eventually('the certificate', async () => (await fixture.state())?.kind === 'issued')
})

test('a request that is removed while it is worked on leaves nothing behind', async () => {
  const fixture = new Fixture()
  const held = Promise.withResolvers<void>()
  fixture.held = held.promise
  await fixture.start()
  await fixture.request()
  await eventually('the attempt', () => fixture.asked === 1)
  await atomically(fixture.store, async (tx) => tx.delete(requestKeys.of(region, id)))
  held.resolve()
  await fixture.over(1)
  expect(await fixture.state()).toBeUndefined()
  expect(await fixture.certificate()).toBeUndefined()
})
