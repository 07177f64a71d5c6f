import type { Operation } from '../wire/service.ts'
import { describeTrails, getTrail, getTrailStatus, listAllTrails } from './describe-trails.ts'
import { getEventSelectors, putEventSelectors } from './event-selectors.ts'
import { startLogging, stopLogging } from './logging.ts'
import { lookupEvents } from './lookup-events.ts'
import type { CloudTrailPorts } from './ports.ts'
import { addTags, listTags, removeTags } from './tags.ts'
import { createTrail, deleteTrail, updateTrail } from './trails.ts'

/** The event history, and trails of management events. */
export function cloudTrailOperations(ports: CloudTrailPorts): Readonly<Record<string, Operation>> {
  return {
    AddTags: addTags,
    CreateTrail: createTrail(ports),
    DeleteTrail: deleteTrail,
    DescribeTrails: describeTrails,
    GetEventSelectors: getEventSelectors,
    GetTrail: getTrail,
    GetTrailStatus: getTrailStatus(ports),
    ListTags: listTags,
    ListTrails: listAllTrails,
    LookupEvents: lookupEvents(ports),
    PutEventSelectors: putEventSelectors,
    RemoveTags: removeTags,
    StartLogging: startLogging,
    StopLogging: stopLogging,
    UpdateTrail: updateTrail(ports),
  }
}
