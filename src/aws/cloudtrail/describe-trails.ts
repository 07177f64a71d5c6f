/** DescribeTrails, GetTrail, ListTrails, GetTrailStatus. */
import type {
  DescribeTrailsRequest,
  DescribeTrailsResponse,
  GetTrailRequest,
  GetTrailResponse,
  GetTrailStatusRequest,
  GetTrailStatusResponse,
  ListTrailsRequest,
  ListTrailsResponse,
} from '@aws-sdk/client-cloudtrail'
import { reader } from '../../store/transaction.ts'
import type { DeliveryStatus } from '../../trail/outbox.ts'
import { listTrails, type TrailRecord } from '../../trail/trails.ts'
import type { Operation } from '../wire/service.ts'
import { findTrail, trailsOfRegion } from './found-trails.ts'
import type { CloudTrailPorts } from './ports.ts'
import { namedTrail } from './trail-names.ts'
import { trailDescription } from './trail-view.ts'

/** Trails that are not there are passed over. Shadow trails are those of other regions that log this one too. */
export const describeTrails: Operation<DescribeTrailsRequest, DescribeTrailsResponse> = async (
  { trailNameList: names = [], includeShadowTrails = true },
  { store, region },
) => {
  const wanted = names.map((name) => namedTrail(name, region))
  const trails = await trailsOfRegion(reader(store), region)
  const isWanted = (trail: TrailRecord) =>
    wanted.length === 0 ||
    wanted.some((one) => one.name === trail.name && one.region === trail.homeRegion)
  const shown = trails.filter(
    (trail) => isWanted(trail) && (includeShadowTrails || trail.homeRegion === region),
  )
  return { trailList: shown.map(trailDescription) }
}

export const getTrail: Operation<GetTrailRequest, GetTrailResponse> = async ({ Name }, call) => {
  const named = namedTrail(Name ?? '', call.region)
  return { Trail: trailDescription(await findTrail(reader(call.store), named, call)) }
}

/** Of all regions. There are so few that one page has them. */
export const listAllTrails: Operation<ListTrailsRequest, ListTrailsResponse> = async (
  _input,
  { store },
) => ({
  Trails: (await listTrails(reader(store))).map(({ arn, name, homeRegion }) => ({
    TrailARN: arn,
    Name: name,
    HomeRegion: homeRegion,
  })),
})

export function getTrailStatus({
  deliveries,
}: CloudTrailPorts): Operation<GetTrailStatusRequest, GetTrailStatusResponse> {
  return async ({ Name }, call) => {
    const named = namedTrail(Name ?? '', call.region)
    const trail = await findTrail(reader(call.store), named, call)
    return statusView(trail, deliveries.status(trail.id))
  }
}

/** The members that are texts "are no longer in use", and still answered. */
function statusView(trail: TrailRecord, delivery: DeliveryStatus): GetTrailStatusResponse {
  const { isLogging, startedAt, stoppedAt } = trail
  const { deliveredAt, attemptedAt, error, notifiedAt, notificationError } = delivery
  return {
    IsLogging: isLogging,
    ...(error === null ? {} : { LatestDeliveryError: error }),
    ...(deliveredAt === null ? {} : { LatestDeliveryTime: new Date(deliveredAt) }),
    ...(notificationError === null ? {} : { LatestNotificationError: notificationError }),
    ...(notifiedAt === null ? {} : { LatestNotificationTime: new Date(notifiedAt) }),
    ...(startedAt === null ? {} : { StartLoggingTime: new Date(startedAt) }),
    ...(stoppedAt === null ? {} : { StopLoggingTime: new Date(stoppedAt) }),
    LatestDeliveryAttemptTime: timeText(attemptedAt),
    LatestDeliveryAttemptSucceeded: error === null ? timeText(attemptedAt) : '',
    LatestNotificationAttemptTime: timeText(notifiedAt),
    LatestNotificationAttemptSucceeded: timeText(notifiedAt),
    TimeLoggingStarted: timeText(startedAt),
    TimeLoggingStopped: timeText(stoppedAt),
  }
}

function timeText(epochMs: number | null): string {
  return epochMs === null ? '' : new Date(epochMs).toISOString().replace(/\.\d+/, '')
}
