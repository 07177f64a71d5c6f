import { execFile } from 'node:child_process'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { ManualClock } from '../../test/support/manual-clock.ts'
import { testWith } from '../../test/support/needs.ts'
import { requestedKeyAlgorithms } from '../aws/acm/request-records.ts'
import { SecretBox } from '../std/secret-box.ts'
import { openSqliteStore } from '../store/sqlite/sqlite-store.ts'
import type { Store } from '../store/store.ts'
import { LocalCa } from './local-ca.ts'

const day = 86_400_000
const application = {
  id: '1',
  names: ['www.example.com', '*.example.com'],
  keyAlgorithm: 'RSA_2048',
  validationMethod: 'DNS',
} as const

interface Fixture {
  readonly folder: string
  readonly store: Store
  readonly clock: ManualClock
  readonly ca: LocalCa
}

function fixture(): Fixture {
  const folder = mkdtempSync(join(tmpdir(), 'weir-ca-'))
  const store = openSqliteStore(join(folder, 'weir.db'))
  onTestFinished(async () => {
    await store[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true })
  })
  const clock = new ManualClock(Date.parse('2026-01-01T00:00:00Z'))
  return { folder, store, clock, ca: new LocalCa(store, new SecretBox(Buffer.alloc(32, 7)), clock) }
}

test('every key algorithm that may be requested is what is issued', async () => {
  const { ca } = fixture()
  for (const algorithm of requestedKeyAlgorithms) {
    const { body } = await ca.issue({ ...application, keyAlgorithm: algorithm })
    const { asymmetricKeyDetails: { modulusLength, namedCurve } = {} } = new X509Certificate(body)
      .publicKey
    const [kind] = algorithm.split('_')
    expect(`${kind}_${modulusLength ?? namedCurve}`).toBe(algorithm)
  }
})

test('a certificate is for the names that were asked for, for 13 months, and its key is its own', async () => {
  const { ca } = fixture()
  const { body, chain, privateKey } = await ca.issue(application)
  const certificate = new X509Certificate(body)
  expect(certificate.subject).toBe('CN=www.example.com')
  expect(certificate.subjectAltName).toBe('DNS:www.example.com, DNS:*.example.com')
  expect(certificate.issuer).toMatch(/^O=Weir local CA\nCN=Weir local CA [0-9a-f]{8}$/)
  expect(certificate.validTo).toBe('Jan 31 00:00:00 2027 GMT')
  expect(certificate.ca).toBe(false)
  expect(certificate.serialNumber).toHaveLength(32)
  expect(privateKey).toContain('BEGIN PRIVATE KEY')
  expect(certificate.checkPrivateKey(createPrivateKey(privateKey))).toBe(true)
  expect(chain).toBeNull()
})

testWith('openssl', 'openssl')('OpenSSL accepts what it signs, strictly', async () => {
  const { folder, ca } = fixture()
  const root = join(folder, 'root.pem')
  const leaf = join(folder, 'leaf.pem')
  writeFileSync(leaf, (await ca.issue(application)).body)
  writeFileSync(root, await ca.roots())
  const at = ['-attime', String(Date.parse('2026-06-01T00:00:00Z') / 1000)]
  const purpose = ['-x509_strict', '-purpose', 'sslserver', '-verify_hostname', 'shop.example.com']
  const verify = ['verify', '-CAfile', root, ...at, ...purpose, leaf]
  expect((await promisify(execFile)('openssl', verify)).stdout).toContain('leaf.pem: OK')
})

test('the authority stays the same through restarts, and its key is not readable in the store', async () => {
  const { store, clock, ca } = fixture()
  const roots = await ca.roots()
  const again = new LocalCa(store, new SecretBox(Buffer.alloc(32, 7)), clock)
  expect(await again.roots()).toBe(roots)
  const { entries } = await store.list('')
  expect(entries.map(({ value }) => value).join()).not.toContain('PRIVATE KEY')
})

test('two that need the authority first at the same time make one', async () => {
  const { ca } = fixture()
  const [one, other] = await Promise.all([ca.roots(), ca.roots()])
  expect(other).toBe(one)
})

test('an authority that would end before what it signs is followed by another, and stays among the roots until then', async () => {
  const { clock, ca } = fixture()
  const first = await ca.roots()
  clock.advance((3652 - 394) * day)
  const both = await ca.roots()
  expect(both).not.toBe(first)
  expect(both.endsWith(first)).toBe(true)
  const [second = ''] = both.split(first)
  const { body } = await ca.issue(application)
  expect(new X509Certificate(body).checkIssued(new X509Certificate(second))).toBe(true)
})
