/** PutEventSelectors and GetEventSelectors: which of the management events a trail delivers. */
import type {
  EventSelector,
  GetEventSelectorsRequest,
  GetEventSelectorsResponse,
  PutEventSelectorsRequest,
  PutEventSelectorsResponse,
} from '@aws-sdk/client-cloudtrail'
import { reader } from '../../store/transaction.ts'
import type { SelectorRecord } from '../../trail/trails.ts'
import type { Operation } from '../wire/service.ts'
import { invalidSelectors, unsupported } from './errors.ts'
import { changeTrail, findTrail } from './found-trails.ts'
import { namedTrail } from './trail-names.ts'

/** "A trail can have up to 5 event selectors." */
const maxSelectors = 5

/** "In this release, the list can be empty, or it can filter out" the events of these. */
const excludable = ['kms.amazonaws.com', 'rdsdata.amazonaws.com']

/** "By default, trails created without specific event selectors will be configured to log all read and write management events." */
export const defaultSelectors: readonly SelectorRecord[] = [
  { readWriteType: 'All', includeManagementEvents: true, excludedSources: [] },
]

export const putEventSelectors: Operation<
  PutEventSelectorsRequest,
  PutEventSelectorsResponse
> = async (input, call) => {
  if (input.AdvancedEventSelectors !== undefined) {
    throw unsupported('AdvancedEventSelectors', 'EventSelectors say which management events')
  }
  const selectors = requestedSelectors(input.EventSelectors ?? [])
  const trail = await changeTrail(call, input.TrailName ?? '', (record) => ({
    ...record,
    selectors,
    hasCustomSelectors: true,
  }))
  return { TrailARN: trail.arn, EventSelectors: trail.selectors.map(selectorView) }
}

export const getEventSelectors: Operation<
  GetEventSelectorsRequest,
  GetEventSelectorsResponse
> = async ({ TrailName }, call) => {
  const named = namedTrail(TrailName ?? '', call.region)
  const trail = await findTrail(reader(call.store), named, call)
  return { TrailARN: trail.arn, EventSelectors: trail.selectors.map(selectorView) }
}

function requestedSelectors(selectors: readonly EventSelector[]): SelectorRecord[] {
  if (selectors.length < 1 || selectors.length > maxSelectors) {
    throw invalidSelectors(
      `A trail has 1 to ${maxSelectors} event selectors, not ${selectors.length}`,
    )
  }
  return selectors.map(requestedSelector)
}

function requestedSelector(selector: EventSelector): SelectorRecord {
  const { ReadWriteType = 'All', IncludeManagementEvents = true, DataResources = [] } = selector
  const excludedSources = selector.ExcludeManagementEventSources ?? []
  if (!isReadWriteType(ReadWriteType)) {
    throw invalidSelectors(
      `ReadWriteType '${ReadWriteType}' is not valid: it must be All, ReadOnly or WriteOnly`,
    )
  }
  if (DataResources.length > 0) throw unsupported('DataResources', 'data events are not recorded')
  const unknown = excludedSources.find((source) => !excludable.includes(source))
  if (unknown !== undefined) {
    throw invalidSelectors(
      `ExcludeManagementEventSources '${unknown}' is not valid: it can have ${excludable.join(' and ')}`,
    )
  }
  return {
    readWriteType: ReadWriteType,
    includeManagementEvents: IncludeManagementEvents,
    excludedSources,
  }
}

function isReadWriteType(text: string): text is SelectorRecord['readWriteType'] {
  return ['All', 'ReadOnly', 'WriteOnly'].includes(text)
}

function selectorView(selector: SelectorRecord): EventSelector {
  return {
    ReadWriteType: selector.readWriteType,
    IncludeManagementEvents: selector.includeManagementEvents,
    DataResources: [],
    ExcludeManagementEventSources: [...selector.excludedSources],
  }
}
