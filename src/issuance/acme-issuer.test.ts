import { createPrivateKey, X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { testWith } from '../../test/support/needs.ts'
import { blockedDomain, Pebble } from '../../test/support/pebble.ts'
import { validationName } from '../aws/acm/validation-names.ts'
import { startDnsServer } from '../dns/dns-server.ts'
import { Names } from '../reconcile/names.ts'
import { Reconciler } from '../reconcile/reconciler.ts'
import { systemClock } from '../std/clock.ts'
import { SecretBox } from '../std/secret-box.ts'
import { openSqliteStore } from '../store/sqlite/sqlite-store.ts'
import type { Store } from '../store/store.ts'
import { createLogger } from '../telemetry/logger.ts'
import { AcmeIssuer } from './acme-issuer.ts'
import { challengeKeys } from './challenges.ts'
import { RefusedApplication } from './issuer.ts'

const test = testWith('pebble', 'pebble')

/** All of Weir that DNS-01 needs, beside a real ACME server that asks its DNS server. */
class Fixture implements AsyncDisposable {
  readonly store: Store
  readonly pebble: Pebble
  readonly issuer: AcmeIssuer
  /** What the DNS server is asked for. */
  readonly asked: readonly string[]
  readonly #owned: AsyncDisposableStack

  private constructor(
    parts: Pick<Fixture, 'store' | 'pebble' | 'issuer' | 'asked'>,
    owned: AsyncDisposableStack,
  ) {
    this.store = parts.store
    this.pebble = parts.pebble
    this.issuer = parts.issuer
    this.asked = parts.asked
    this.#owned = owned
  }

  /** @param obstacle stands against showing proofs */
  static async start(obstacle?: Error): Promise<Fixture> {
    await using owned = new AsyncDisposableStack()
    const folder = mkdtempSync(join(tmpdir(), 'weir-acme-'))
    owned.defer(() => rmSync(folder, { recursive: true }))
    const store = owned.use(openSqliteStore(join(folder, 'weir.db')))
    const box = new SecretBox(Buffer.alloc(32, 7))
    const names = new Names(() => true, ['acm-validations.weir.internal'])
    const logger = createLogger('silent')
    const reconciler = new Reconciler({
      store,
      clock: systemClock,
      logger,
      publish: () => undefined,
      cookieKeys: { of: () => '' },
      accountId: '123456789012',
      region: 'us-west-2',
      box,
      observe: (world, snapshot) => names.update(world, snapshot),
    })
    owned.use(reconciler)
    await reconciler.start()
    const asked: string[] = []
    const dns = await startDnsServer({
      host: '127.0.0.1',
      port: 0,
      logger,
      clock: systemClock,
      apexes: () => names.apexes(),
      lookup: (name) => names.lookup(name),
      texts(name) {
        asked.push(name)
        return names.texts(name)
      },
    })
    owned.use(dns)
    const pebble = owned.use(await Pebble.create())
    await pebble.start({ dns: `127.0.0.1:${dns.port}` })
    const issuer = new AcmeIssuer({
      server: { directory: pebble.directory, contact: 'ops@example.com', caFile: pebble.caFile },
      store,
      box,
      validationName: (domain) => validationName(domain, '123456789012', 'weir.internal'),
      async shown(revision) {
        if (obstacle !== undefined) throw obstacle
        await reconciler.reached(revision)
      },
    })
    return new Fixture({ store, pebble, issuer, asked }, owned.move())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#owned.disposeAsync()
  }
}

const application = {
  id: '1',
  names: ['www.example.com', 'example.com', '*.example.com', 'a.b.example.com'] as [
    string,
    ...string[],
  ],
  keyAlgorithm: 'RSA_2048',
  validationMethod: 'DNS',
} as const

test('an ACME server signs for names, wildcards too, whose proofs it finds in our DNS', async () => {
  await using fixture = await Fixture.start()
  const { body, chain, privateKey } = await fixture.issuer.issue(application)
  const certificate = new X509Certificate(body)
  const names = certificate.subjectAltName?.split(', ').sort()
  // The wildcard is for www.example.com too.
  expect(names).toEqual(['DNS:*.example.com', 'DNS:a.b.example.com', 'DNS:example.com'])
  expect(certificate.checkPrivateKey(createPrivateKey(privateKey))).toBe(true)
  const signer = new X509Certificate(chain ?? '')
  expect(certificate.verify(signer.publicKey)).toBe(true)
  expect(signer.verify(new X509Certificate(await fixture.pebble.root()).publicKey)).toBe(true)
  expect(new Set(fixture.asked)).toEqual(
    new Set(['_acme-challenge.a.b.example.com', '_acme-challenge.example.com']),
  )
  expect((await fixture.store.list(challengeKeys.all)).entries).toEqual([])
})

test('a second certificate is of the same account, whose key is not readable in the store', async () => {
  await using fixture = await Fixture.start()
  await fixture.issuer.issue({
    ...application,
    names: ['a.example.com'],
    keyAlgorithm: 'EC_secp384r1',
  })
  const accounts = await fixture.store.list('issuance/secret/acme-account/')
  await fixture.issuer.issue({ ...application, names: ['b.example.com'] })
  expect((await fixture.store.list('issuance/secret/acme-account/')).entries).toEqual(
    accounts.entries,
  )
  expect(accounts.entries).toHaveLength(1)
  expect(accounts.entries[0]?.value).not.toContain('PRIVATE KEY')
})

test('a name that the server signs nothing for is refused for good', async () => {
  await using fixture = await Fixture.start()
  const issuing = fixture.issuer.issue({ ...application, names: [blockedDomain] })
  await expect(issuing).rejects.toThrow(RefusedApplication)
  await expect(issuing).rejects.toMatchObject({ reason: 'DOMAIN_NOT_ALLOWED' })
})

test('a proof that the server does not find is told in its words, and may be tried again', async () => {
  await using fixture = await Fixture.start()
  const failing = fixture.issuer.issue({
    ...application,
    names: ['c.example.com'],
    validationMethod: 'HTTP',
  })
  await expect(failing).rejects.toThrow(/^c\.example\.com: /)
  await expect(failing).rejects.not.toBeInstanceOf(RefusedApplication)
  expect((await fixture.store.list(challengeKeys.all)).entries).toEqual([])
})

test('a server is not told to look for proofs that nobody shows', async () => {
  await using fixture = await Fixture.start(new Error('no proxy is there'))
  const issuing = fixture.issuer.issue({ ...application, names: ['d.example.com'] })
  await expect(issuing).rejects.toThrow('no proxy is there')
  expect(fixture.asked).toEqual([])
  expect((await fixture.store.list(challengeKeys.all)).entries).toEqual([])
})
