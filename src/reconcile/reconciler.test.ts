import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { eventually } from '../../test/support/eventually.ts'
import { ManualClock } from '../../test/support/manual-clock.ts'
import { elbKeys } from '../aws/elb/records.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import { SecretBox } from '../std/secret-box.ts'
import { openSqliteStore } from '../store/sqlite/sqlite-store.ts'
import type { Store } from '../store/store.ts'
import { createLogger } from '../telemetry/logger.ts'
import { openCertificate } from './certificates.ts'
import { Names } from './names.ts'
import { Reconciler } from './reconciler.ts'
import { anotherSystem } from './system.ts'
import { readWorld } from './world.ts'

function openStore(): Store {
  const folder = mkdtempSync(join(tmpdir(), 'weir-reconcile-'))
  const store = openSqliteStore(join(folder, 'weir.db'))
  onTestFinished(async () => {
    await store[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true })
  })
  return store
}

const key = (name: string) => elbKeys.loadBalancer('us-west-2', name)

/** As much of a load balancer's record as makes one node. */
function record(name: string) {
  return {
    name,
    id: '1',
    dnsName: `${name}-1.us-west-2.elb.weir.internal`,
    zones: [{ zone: 'us-west-2a', address: '127.16.0.9', ipv6Address: null }],
    listeners: [],
    instances: [],
    healthCheck: { target: 'TCP:80' },
    attributes: { accessLog: { enabled: false } },
  }
}

function reconcilerOf(store: Store) {
  const clock = new ManualClock()
  const published: Snapshot[] = []
  const log: { msg: string; key?: string }[] = []
  const names = new Names(() => true, ['us-west-2.elb.weir.internal'])
  const reconciler = new Reconciler({
    store,
    clock,
    logger: createLogger('error', {}, { write: (line) => log.push(JSON.parse(line)) }),
    publish: (snapshot) => published.push(snapshot),
    cookieKeys: { of: () => '' },
    accountId: '123456789012',
    region: 'us-west-2',
    box: new SecretBox(randomBytes(32)),
    observe: (world, snapshot) => names.update(world, snapshot),
  })
  onTestFinished(() => reconciler[Symbol.dispose]())
  return { reconciler, clock, published, log, names }
}

test('a record that is unusable is named in the log and holds up no other', async () => {
  const store = openStore()
  const broken = ['{"trunc', 'null', '{"format":2}', JSON.stringify({ ...record('d'), zones: 5 })]
  const texts = [JSON.stringify(record('fine')), ...broken]
  const writes = texts.map((value, index) => ({ key: key(`lb-${index}`), value }))
  await store.transact([], [...writes, { key: 'ec2/us-west-2/instance/i-1', value: '[' }])
  const { reconciler, published, log, names } = reconcilerOf(store)
  await reconciler.start()
  expect(published[0]?.nodes.map(({ loadBalancer }) => loadBalancer)).toEqual([
    'aws/us-west-2/fine/1',
  ])
  expect(names.lookup(record('fine').dnsName)?.ipv4).toEqual(['127.16.0.9'])
  expect(log.map((line) => line.key)).toEqual([
    ...['lb-1', 'lb-2', 'lb-3'].map(key),
    'ec2/us-west-2/instance/i-1',
    key('d'),
  ])
})

test('a store that cannot be read is read again a second later', async () => {
  const store = openStore()
  await store.transact([], [{ key: key('web'), value: JSON.stringify(record('web')) }])
  let failures = 1
  const { list } = store
  store.list = async (...args) => {
    failures -= 1
    if (failures >= 0) throw new Error('disk I/O error')
    return list.apply(store, args)
  }
  const { reconciler, clock, published, log } = reconcilerOf(store)
  await reconciler.start()
  expect([published.length, log.length]).toEqual([0, 1])
  clock.advance(1000)
  await eventually('a snapshot', () => published.length > 0)
  expect(published[0]?.nodes).toHaveLength(1)
})

test('what a reset empties while it is read is never said to be of the system after it', async () => {
  const store = openStore()
  await store.transact([], [{ key: key('web'), value: JSON.stringify(record('web')) }])
  const { list } = store
  let isReset = false
  store.list = async (...args) => {
    const listing = await list.apply(store, args)
    if (!isReset) await store.transact([], [{ key: key('web'), value: null }, anotherSystem()])
    isReset = true
    return listing
  }
  const read = () => readWorld(store, new SecretBox(randomBytes(32)), () => {})
  const during = await read()
  expect(during.regions.flatMap(({ loadBalancers }) => loadBalancers)).toHaveLength(1)
  const after = await read()
  expect(after.regions).toEqual([])
  expect(during.system).not.toBe(after.system)
})

test('a certificate whose key does not open is named in the log and holds up no other', async () => {
  const store = openStore()
  const box = new SecretBox(randomBytes(32))
  const named = (name: string, sealedKey: string) => ({
    key: `iam/server-certificate/${name}`,
    value: JSON.stringify({ arn: `arn:${name}`, body: name, chain: null, sealedKey }),
  })
  const key = 'iam/server-certificate/fine'
  await store.transact([], [named('fine', box.seal('k', key)), named('stolen', box.seal('k', key))])
  const unusable: string[] = []
  const world = await readWorld(store, box, (record) => unusable.push(record))
  expect([...world.certificates]).toEqual([
    [
      'arn:fine',
      { id: expect.stringMatching(/^arn:fine\/[0-9a-f]{64}$/), chain: 'fine\n', key: 'k' },
    ],
  ])
  expect(unusable).toEqual(['iam/server-certificate/stolen'])
})

test('a certificate has another id for another chain and for another key', () => {
  const box = new SecretBox(randomBytes(32))
  const id = (chain: string | null, privateKey: string) =>
    openCertificate('k', { arn: 'a', body: 'b', chain, sealedKey: box.seal(privateKey, 'k') }, box)
      .id
  expect(id(null, 'one')).toBe(id(null, 'one'))
  expect(new Set([id(null, 'one'), id('c', 'one'), id(null, 'two')]).size).toBe(3)
})

test('who waits for a change is told when proxies and names have it, also where it changes nothing for proxies', async () => {
  const store = openStore()
  const { reconciler, clock, published, names } = reconcilerOf(store)
  await reconciler.start()
  const answers = [{ kind: 'dns-01', names: ['_acme-challenge.example.com'], text: 'proof' }]
  const write = { key: 'issuance/challenge/c1', value: JSON.stringify({ answers }) }
  const revision = (await store.transact([], [write])) ?? 0
  const reached = reconciler.reached(revision)
  expect(names.texts('_acme-challenge.example.com')).toBeUndefined()
  clock.advance(20)
  expect(await reached).toBe(published[0]?.revision)
  expect(names.texts('_acme-challenge.example.com')).toEqual(['proof'])
  expect(published).toHaveLength(1)
})
