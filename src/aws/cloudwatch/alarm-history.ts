/** What has happened to alarms, also to those that are gone. */
import { randomUUID } from 'node:crypto'
import {
  type AlarmHistoryItem,
  type DescribeAlarmHistoryInput,
  type DescribeAlarmHistoryOutput,
  HistoryItemType,
} from '@aws-sdk/client-cloudwatch'
import type { Store } from '../../store/store.ts'
import { atomically, reader, type Transaction } from '../../store/transaction.ts'
import type { Operation } from '../wire/service.ts'
import type { AlarmRecord } from './alarm-records.ts'
import { notInSet } from './errors.ts'
import { requireMaxRecords, tokenPage } from './paging.ts'

export interface HistoryRecord {
  readonly alarm: string
  /** In milliseconds since the epoch. */
  readonly time: number
  readonly type: HistoryItemType
  readonly summary: string
  /** JSON. */
  readonly data: string
}

/** "Alarm history is available for 30 days" (user guide, "Common features of CloudWatch alarms"). */
const keptMs = 30 * 86_400_000

/** The newest of an alarm: one that flaps must not fill the disk. */
const keptItems = 1000

const historyKeys = {
  all: 'cloudwatch/alarm-history/',
  inRegion: (region: string) => `${historyKeys.all}${region}/`,
  of: (region: string, alarm: string) =>
    `${historyKeys.inRegion(region)}${encodeURIComponent(alarm)}/`,
} as const

/** Of items of one time, the later one has the greater rank. */
export function putHistory(
  tx: Transaction,
  { region, name }: Pick<AlarmRecord, 'region' | 'name'>,
  item: Omit<HistoryRecord, 'alarm'>,
  rank = 0,
): void {
  const id = `${new Date(item.time).toISOString()}-${rank}-${randomUUID()}`
  tx.put(`${historyKeys.of(region, name)}${id}`, { alarm: name, ...item })
}

/** Forgets what is too old or too much. */
export async function pruneHistory(store: Store, now: number): Promise<void> {
  const counts = new Map<string, number>()
  const gone: string[] = []
  for (const [key, { time }] of (
    await reader(store).entries<HistoryRecord>(historyKeys.all)
  ).reverse()) {
    const alarm = key.slice(0, key.lastIndexOf('/'))
    const count = (counts.get(alarm) ?? 0) + 1
    counts.set(alarm, count)
    if (count > keptItems || time < now - keptMs) gone.push(key)
  }
  await atomically(store, async (tx) => {
    for (const key of gone) tx.delete(key)
  })
}

export const describeAlarmHistory: Operation<
  DescribeAlarmHistoryInput,
  DescribeAlarmHistoryOutput
> = async (input, { store, region }) => {
  const descending = isDescending(input)
  const limit = requireMaxRecords(input.MaxRecords, 100)
  const { AlarmName } = input
  const prefix =
    AlarmName === undefined ? historyKeys.inRegion(region) : historyKeys.of(region, AlarmName)
  const found = (await reader(store).entries<HistoryRecord>(prefix))
    .filter(([, item]) => isWanted(item, input))
    .map(([key, item]) => ({ key: `${key.slice(key.lastIndexOf('/') + 1)} ${key}`, item }))
    .sort((some, other) => (some.key < other.key === descending ? 1 : -1))
  const request = { token: input.NextToken, limit, descending }
  const { items, token } = tokenPage(found, ({ key }) => key, request)
  return { AlarmHistoryItems: items.map(({ item }) => toApi(item)), ...token }
}

function isDescending({
  ScanBy = 'TimestampDescending',
  HistoryItemType: type,
}: DescribeAlarmHistoryInput): boolean {
  const types: readonly string[] = Object.values(HistoryItemType)
  if (type !== undefined && !types.includes(type)) throw notInSet('HistoryItemType', types)
  if (ScanBy === 'TimestampDescending' || ScanBy === 'TimestampAscending') {
    return ScanBy === 'TimestampDescending'
  }
  throw notInSet('ScanBy', ['TimestampDescending', 'TimestampAscending'])
}

function isWanted(
  { time, type }: HistoryRecord,
  { HistoryItemType: wanted, StartDate, EndDate, AlarmTypes }: DescribeAlarmHistoryInput,
): boolean {
  return (
    (wanted === undefined || type === wanted) &&
    (StartDate === undefined || time >= StartDate.getTime()) &&
    (EndDate === undefined || time <= EndDate.getTime()) &&
    (!AlarmTypes?.length || AlarmTypes.includes('MetricAlarm'))
  )
}

function toApi({ alarm, time, type, summary, data }: HistoryRecord): AlarmHistoryItem {
  return {
    AlarmName: alarm,
    AlarmType: 'MetricAlarm',
    Timestamp: new Date(time),
    HistoryItemType: type,
    HistorySummary: summary,
    HistoryData: data,
  }
}
