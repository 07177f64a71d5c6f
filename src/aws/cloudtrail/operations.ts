import type { Operation } from '../wire/service.ts'
import { lookupEvents } from './lookup-events.ts'
import type { CloudTrailPorts } from './ports.ts'

export function cloudTrailOperations(ports: CloudTrailPorts): Readonly<Record<string, Operation>> {
  return {
    LookupEvents: lookupEvents(ports),
  }
}
