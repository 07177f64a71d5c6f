/** The AWS services of the API port. */
import { createAcmService } from '../aws/acm/service.ts'
import type { CloudTrailPorts } from '../aws/cloudtrail/ports.ts'
import { createCloudTrailService } from '../aws/cloudtrail/service.ts'
import { createCloudWatchService } from '../aws/cloudwatch/service.ts'
import { createEc2Service } from '../aws/ec2/service.ts'
import type { ElbPorts } from '../aws/elb/ports.ts'
import { createElbService } from '../aws/elb/service.ts'
import { createIamService } from '../aws/iam/service.ts'
import { createSnsService } from '../aws/sns/service.ts'
import { createStsService } from '../aws/sts/service.ts'
import type { Service } from '../aws/wire/service.ts'
import type { Foundation } from './foundation.ts'
import type { NotificationParts } from './notifications.ts'
import { trailBucket } from './trail.ts'

export function awsServices(
  foundation: Foundation,
  { tokens, notifications }: NotificationParts,
): Service[] {
  const { settings, box } = foundation
  return [
    createElbService(elbPorts(foundation)),
    createCloudTrailService(cloudTrailPorts(foundation)),
    createCloudWatchService({
      metrics: foundation.metrics,
      quotas: { customMetrics: settings.maxCustomMetrics, alarms: settings.maxAlarms },
    }),
    createEc2Service(),
    createAcmService({
      box,
      quotas: {
        certificates: settings.maxAcmCertificates,
        namesPerCertificate: settings.maxCertificateNames,
      },
      dnsSuffix: settings.dnsSuffix,
    }),
    createIamService({ box, quotas: { serverCertificates: settings.maxServerCertificates } }),
    createSnsService({
      quotas: { topics: settings.maxTopics, subscriptions: settings.maxSubscriptions },
      tokens,
      email: settings.smtp !== undefined,
      backlog: notifications,
    }),
    createStsService(),
  ]
}

function cloudTrailPorts({ events, buckets, settings }: Foundation): CloudTrailPorts {
  return { events, deliveries: events.outbox, bucket: trailBucket(buckets, settings.accountId) }
}

function elbPorts({ settings, board, buckets }: Foundation): ElbPorts {
  return {
    health: board,
    quotas: {
      loadBalancers: settings.maxLoadBalancers,
      listeners: settings.maxListeners,
      securityGroups: settings.maxSecurityGroups,
      instances: settings.maxInstances,
      subnetsPerZone: 1,
      tags: settings.maxTags,
    },
    dnsSuffix: settings.dnsSuffix,
    buckets,
  }
}
