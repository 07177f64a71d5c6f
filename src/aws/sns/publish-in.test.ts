import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openSqliteStore } from '../../store/sqlite/sqlite-store.ts'
import type { Store } from '../../store/store.ts'
import { atomically, reader } from '../../store/transaction.ts'
import type { FilterPolicy } from './filter-policy.ts'
import { publishIn } from './publish-in.ts'
import { type DeliveryRecord, type NotificationRecord, queueKeys } from './queue-records.ts'
import { type SubscriptionRecord, snsKeys, type TopicRecord } from './records.ts'
import { newSettings } from './topic-settings.ts'

const arn = 'arn:aws:sns:us-west-2:123456789012:alarms'

function openStore(): Store {
  const folder = mkdtempSync(join(tmpdir(), 'weir-sns-'))
  const store = openSqliteStore(join(folder, 'weir.db'))
  onTestFinished(async () => {
    await store[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true })
  })
  return store
}

async function addTopic(store: Store): Promise<void> {
  const place = { region: 'us-west-2', name: 'alarms', accountId: '123456789012' }
  const record: TopicRecord = { arn, ...place, ...newSettings, tags: [] }
  await atomically(store, async (tx) => tx.put(snsKeys.topic('us-west-2', 'alarms'), record))
}

async function subscribe(
  store: Store,
  id: string,
  change: Partial<SubscriptionRecord> = {},
): Promise<void> {
  const record: SubscriptionRecord = {
    arn: `${arn}:${id}`,
    id,
    topicArn: arn,
    accountId: '123456789012',
    protocol: 'http',
    endpoint: `http://${id}.example.com/`,
    confirmed: true,
    authenticateOnUnsubscribe: false,
    confirmationWasAuthenticated: true,
    rawMessageDelivery: false,
    filterPolicy: null,
    deliveryPolicy: null,
    requestedAt: 0,
    ...change,
  }
  const key = snsKeys.subscription('us-west-2', 'alarms', id)
  await atomically(store, async (tx) => tx.put(key, record))
}

const deliveries = (store: Store) => reader(store).list<DeliveryRecord>(queueKeys.allDeliveries)

const message = { topicArn: arn, subject: 'ALARM: "slow"', text: 'It is slow.' }

test('each confirmed subscription gets one notification, and all the same message', async () => {
  const store = openStore()
  await addTopic(store)
  for (const id of ['a', 'b']) await subscribe(store, id)
  await subscribe(store, 'pending', { confirmed: false })
  const id = await atomically(store, (tx) => publishIn(tx, message, 1000))
  expect(await deliveries(store)).toEqual(
    ['a', 'b'].map((each) => ({
      messageId: id,
      subscriptionArn: `${arn}:${each}`,
      bytes: expect.any(Number),
      attempts: 0,
      nextAt: 1000,
      underWay: false,
    })),
  )
  const stored = await reader(store).get<NotificationRecord>(queueKeys.message(id ?? ''))
  expect(stored).toMatchObject({ id, subject: 'ALARM: "slow"', text: 'It is slow.' })
})

test('a notification exists only if the transaction that it is a part of is committed', async () => {
  const store = openStore()
  await addTopic(store)
  await subscribe(store, 'a')
  const failed = atomically(store, async (tx) => {
    await publishIn(tx, message, 1000)
    throw new Error('the alarm was deleted')
  })
  await expect(failed).rejects.toThrow('the alarm was deleted')
  expect(await deliveries(store)).toEqual([])
})

test('a transaction that has to be run again notifies once', async () => {
  const store = openStore()
  await addTopic(store)
  await subscribe(store, 'a')
  let runs = 0
  await atomically(store, async (tx) => {
    await tx.get('alarm/slow')
    runs += 1
    await publishIn(tx, message, 1000)
    if (runs === 1) await store.transact([], [{ key: 'alarm/slow', value: '"ALARM"' }])
  })
  expect(runs).toBe(2)
  expect(await deliveries(store)).toHaveLength(1)
})

test('nothing is queued for a topic that is not there, or that nobody has subscribed to', async () => {
  const store = openStore()
  const publishing = () => atomically(store, (tx) => publishIn(tx, message, 1000))
  expect(await publishing()).toBeUndefined()
  await addTopic(store)
  expect(await publishing()).toMatch(/^[0-9a-f-]{36}$/)
  expect(await reader(store).list('sns/message/')).toEqual([])
})

const order = {
  store: { type: 'String', value: 'example_corp' },
  event: { type: 'String', value: 'Order-Placed' },
  price: { type: 'Number.usd', value: '210.75' },
  interests: { type: 'String.Array', value: '["soccer",true,7]' },
  photo: { type: 'Binary', value: 'AAAA' },
}

test.for<[policy: FilterPolicy, wanted: boolean]>([
  [{}, true],
  [{ store: ['other', 'example_corp'] }, true],
  [{ store: ['Example_corp'] }, false],
  [{ store: ['example_corp'], event: ['x'] }, false],
  [{ event: [{ prefix: 'Order-' }] }, true],
  [{ event: [{ suffix: 'ordered' }, { suffix: 'Placed' }] }, true],
  [{ event: [{ 'equals-ignore-case': 'order-placed' }] }, true],
  [{ event: [{ 'anything-but': ['Order-Placed'] }] }, false],
  [{ event: [{ 'anything-but': { prefix: 'Order-' } }] }, false],
  [{ event: [{ 'anything-but': ['x'] }] }, true],
  [{ missing: [{ 'anything-but': ['x'] }] }, false],
  [{ missing: [{ exists: false }] }, true],
  [{ store: [{ exists: true }], toString: [{ exists: false }] }, true],
  [{ price: [210.75] }, true],
  [{ price: ['210.75'] }, false],
  [{ price: [{ numeric: ['>', 200, '<=', 210.75] }] }, true],
  [{ price: [{ numeric: ['>=', 211] }] }, false],
  [{ store: [{ numeric: ['>=', 0] }] }, false],
  [{ interests: ['rugby', 'soccer'] }, true],
  [{ interests: [true] }, true],
  [{ interests: [null] }, false],
  [{ photo: ['AAAA'] }, false],
])(
  'a subscription gets what its filter policy lets through: %j %s',
  async ([filterPolicy, wanted]) => {
    const store = openStore()
    await addTopic(store)
    await subscribe(store, 'a', { filterPolicy })
    await atomically(store, (tx) => publishIn(tx, { ...message, attributes: order }, 1000))
    expect(await deliveries(store)).toHaveLength(wanted ? 1 : 0)
  },
)
