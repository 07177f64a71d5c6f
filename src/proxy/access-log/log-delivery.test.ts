import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { bucketsIn, createLogBucket, sender } from '../../../test/support/buckets.ts'
import { ManualClock } from '../../../test/support/manual-clock.ts'
import type { FolderBuckets } from '../../buckets/folder-buckets.ts'
import { createLogger } from '../../telemetry/logger.ts'
import { processIdentity } from '../process-identity.ts'
import { LogDelivery } from './log-delivery.ts'

async function setUp(kept?: number) {
  const root = await mkdtemp(join(tmpdir(), 'weir-delivery-'))
  onTestFinished(() => rm(root, { recursive: true }))
  const clock = new ManualClock()
  const spool = join(root, 'spool')
  const buckets = bucketsIn(root)
  await createLogBucket(buckets, 'my-logs')
  const delivery = new LogDelivery({
    spool,
    buckets,
    clock,
    logger: createLogger('silent'),
    ...(kept === undefined ? {} : { kept }),
  })
  onTestFinished(() => delivery[Symbol.asyncDispose]())
  /** A log file as a proxy leaves it. */
  const leave = async (folder: string, key: string, text: string) => {
    const place = join(spool, folder)
    await mkdir(place, { recursive: true })
    await writeFile(join(place, 'destination'), JSON.stringify({ bucket: 'my-logs', key, sender }))
    await writeFile(join(place, 'entries'), text)
    return place
  }
  const delivered = (key: string) => readFile(join(root, 'buckets/my-logs', key), 'utf8')
  return { buckets, spool, clock, delivery, leave, delivered }
}

const gone = 'open/4194305-1.1'

test('what a proxy left behind that was killed is delivered at the next start, but for an entry that was cut off', async () => {
  const { spool, delivery, leave, delivered } = await setUp()
  await leave(`${gone}/one`, 'one', 'whole\nhal')
  await leave(`${gone}/nothing`, 'nothing', 'hal')
  await leave('closed/two', 'two', 'whole\n')
  delivery.start()
  await delivery.settled()
  expect(await delivered('one')).toBe('whole\n')
  expect(await delivered('two')).toBe('whole\n')
  await expect(delivered('nothing')).rejects.toThrow('ENOENT')
  expect(await readdir(join(spool, 'open'))).toEqual([])
  expect(await readdir(delivery.closed)).toEqual([])
})

test('files of a proxy that still runs are left alone until it has ended', async () => {
  const { spool, delivery, leave } = await setUp()
  const identity = processIdentity(process.ppid)
  await leave(`open/${identity}.1/one`, 'one', 'whole\n')
  delivery.start()
  await delivery.settled()
  expect(await readdir(join(spool, 'open'))).toEqual([`${identity}.1`])
})

test('what an engine thread left behind is delivered when it has ended', async () => {
  const { delivery, spool, leave, delivered } = await setUp()
  const folder = delivery.threadFolder()
  await leave(`${folder.slice(spool.length)}/one`, 'one', 'whole\n')
  delivery.start()
  await delivery.settled()
  await expect(delivered('one')).rejects.toThrow('ENOENT')
  delivery.threadEnded(folder)
  await delivery.settled()
  expect(await delivered('one')).toBe('whole\n')
})

test.each<[string, (buckets: FolderBuckets) => Promise<void>]>([
  ['whose bucket is gone', ({ records }) => records.delete('my-logs')],
  ['that the policy does not allow any more', ({ records }) => records.setPolicy('my-logs', null)],
])('what cannot be delivered, %s, is tried again a minute later', async (_, spoil) => {
  const { buckets, clock, delivery, leave, delivered } = await setUp()
  await leave('closed/one', 'one', 'whole\n')
  await spoil(buckets)
  delivery.start()
  await delivery.settled()
  await expect(delivered('one')).rejects.toThrow('ENOENT')
  await buckets.records.delete('my-logs').catch(() => undefined)
  await createLogBucket(buckets, 'my-logs')
  clock.advance(60_000)
  await delivery.settled()
  expect(await delivered('one')).toBe('whole\n')
  expect(delivery.lostEntries).toBe(0)
})

test('of what cannot be delivered, the newest is kept up to a bound, and the entries of the rest are counted as lost', async () => {
  const { buckets, delivery, leave } = await setUp(10)
  for (const [age, name] of ['new', 'middle', 'old'].entries()) {
    const place = await leave(`closed/${name}`, name, 'a\nb\n')
    await utimes(join(place, 'entries'), 1000 - age, 1000 - age)
  }
  await buckets.records.delete('my-logs')
  delivery.start()
  await delivery.settled()
  expect((await readdir(delivery.closed)).sort()).toEqual(['middle', 'new'])
  expect(delivery.lostEntries).toBe(2)
})
