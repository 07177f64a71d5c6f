import type { Trail } from '@aws-sdk/client-cloudtrail'
import type { TrailRecord } from '../../trail/trails.ts'

/** What creating, updating and describing a trail answer in common. */
export function trailView(trail: TrailRecord): Trail {
  return {
    Name: trail.name,
    S3BucketName: trail.bucket,
    ...(trail.prefix === '' ? {} : { S3KeyPrefix: trail.prefix }),
    ...(trail.topicArn === null ? {} : topicView(trail.topicArn)),
    IncludeGlobalServiceEvents: trail.includeGlobalServiceEvents,
    IsMultiRegionTrail: trail.isMultiRegion,
    TrailARN: trail.arn,
    LogFileValidationEnabled: false,
    IsOrganizationTrail: false,
  }
}

export function trailDescription(trail: TrailRecord): Trail {
  return {
    ...trailView(trail),
    HomeRegion: trail.homeRegion,
    HasCustomEventSelectors: trail.hasCustomSelectors,
    HasInsightSelectors: false,
  }
}

/** "SnsTopicName: This field is no longer in use. Use SnsTopicARN." */
function topicView(arn: string): Trail {
  return { SnsTopicName: arn, SnsTopicARN: arn }
}
