import { createHash } from 'node:crypto'
import type {
  Event,
  LookupAttribute,
  LookupEventsRequest,
  LookupEventsResponse,
} from '@aws-sdk/client-cloudtrail'
import { type EventRecord, usernameOf } from '../../trail/event.ts'
import type { Attribute, FoundEvent, Position } from '../../trail/event-database.ts'
import { historyMs } from '../../trail/event-history.ts'
import type { Operation } from '../wire/service.ts'
import {
  invalidEventCategory,
  invalidLookupAttributes,
  invalidMaxResults,
  invalidNextToken,
  invalidTimeRange,
} from './errors.ts'
import type { CloudTrailPorts } from './ports.ts'

/** "The default number of results returned is 50, with a maximum of 50 possible." */
const maxResults = 50

/** "The maximum length for the AttributeValue is 2000 characters." */
const maxValueLength = 2000

const attributes: Readonly<Record<string, Attribute['by']>> = {
  AccessKeyId: 'accessKey',
  EventId: 'id',
  EventName: 'name',
  EventSource: 'source',
  ReadOnly: 'readOnly',
  ResourceName: 'resourceName',
  ResourceType: 'resourceType',
  Username: 'username',
}

/** Newest first, of the call's region and the last 90 days. */
export function lookupEvents({
  events,
}: CloudTrailPorts): Operation<LookupEventsRequest, LookupEventsResponse> {
  return async (input, { region, clock }) => {
    const limit = limitOf(input)
    const attribute = attributeOf(input.LookupAttributes ?? [])
    checkTimes(input)
    const after = startOf(input)
    if (!wantsManagementEvents(input)) return { Events: [] }
    const from = Math.max(clock.now() - historyMs, wholeSecond(input.StartTime?.getTime() ?? 0))
    const found = events.search({ region, attribute, from, after, limit: limit + 1 })
    const page = found.slice(0, limit)
    const last = page.at(-1)
    return {
      Events: page.map(eventOf),
      ...(last === undefined || found.length === page.length
        ? {}
        : { NextToken: tokenOf(last, input) }),
    }
  }
}

function limitOf({ MaxResults = maxResults }: LookupEventsRequest): number {
  if (!Number.isInteger(MaxResults) || MaxResults < 1 || MaxResults > maxResults) {
    throw invalidMaxResults(MaxResults, maxResults)
  }
  return MaxResults
}

function attributeOf([first, ...more]: readonly LookupAttribute[]): Attribute | undefined {
  if (first === undefined) return undefined
  if (more.length > 0) {
    throw invalidLookupAttributes(
      `You have exceeded the maximum number of lookup attributes. The maximum number of lookup attributes is 1, but there are ${more.length + 1}.`,
    )
  }
  const { AttributeKey: key = '', AttributeValue: value = '' } = first
  const by = Object.hasOwn(attributes, key) ? attributes[key] : undefined
  if (by === undefined) {
    throw invalidLookupAttributes(
      `AttributeKey '${key}' is not valid: it must be one of ${Object.keys(attributes).join(', ')}`,
    )
  }
  if (value.length < 1 || value.length > maxValueLength) {
    throw invalidLookupAttributes(
      `The value of ${key} must have 1 to ${maxValueLength} characters, not ${value.length}`,
    )
  }
  return { by, value }
}

function checkTimes({ StartTime: start, EndTime: end }: LookupEventsRequest): void {
  if (start !== undefined && end !== undefined && start > end) throw invalidTimeRange(start, end)
}

/** Insights are not made here: there are no events of the other category. */
function wantsManagementEvents({ EventCategory: category }: LookupEventsRequest): boolean {
  if (category === undefined) return true
  if (category === 'insight') return false
  throw invalidEventCategory(category)
}

/** Events have their times to the second: one that happens within the last second happens at it. */
function startOf(input: LookupEventsRequest): Position {
  if (input.NextToken !== undefined) return positionOf(input.NextToken, input)
  const end = input.EndTime
  return {
    time: end === undefined ? Number.MAX_SAFE_INTEGER : wholeSecond(end.getTime()) + 1000,
    sequence: 0,
  }
}

function wholeSecond(epochMs: number): number {
  return Math.floor(epochMs / 1000) * 1000
}

function eventOf({ record: json, resources }: FoundEvent): Event {
  const record = JSON.parse(json) as EventRecord
  const { accessKeyId } = record.userIdentity
  const username = usernameOf(record.userIdentity)
  return {
    EventId: record.eventID,
    EventName: record.eventName,
    ReadOnly: String(record.readOnly),
    ...(accessKeyId === undefined ? {} : { AccessKeyId: accessKeyId }),
    EventTime: new Date(record.eventTime),
    EventSource: record.eventSource,
    ...(username === undefined ? {} : { Username: username }),
    Resources: resources.map(({ type, name }) => ({ ResourceType: type, ResourceName: name })),
    CloudTrailEvent: json,
  }
}

/** Where the next page begins, and for what question. */
function tokenOf({ time, sequence }: Position, input: LookupEventsRequest): string {
  return Buffer.from(`${time}.${sequence}.${digestOf(input)}`).toString('base64url')
}

function positionOf(token: string, input: LookupEventsRequest): Position {
  const text = Buffer.from(token, 'base64url').toString('latin1')
  const [, time, sequence, digest] = /^(\d{1,15})\.(\d{1,15})\.([\w-]+)$/.exec(text) ?? []
  if (digest !== digestOf(input)) throw invalidNextToken()
  return { time: Number(time), sequence: Number(sequence) }
}

function digestOf({ LookupAttributes, StartTime, EndTime }: LookupEventsRequest): string {
  const question = JSON.stringify([LookupAttributes, StartTime, EndTime])
  return createHash('sha256').update(question).digest('base64url').slice(0, 16)
}
