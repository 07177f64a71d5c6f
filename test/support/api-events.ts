import { randomUUID } from 'node:crypto'
import type { ApiEvent, EventResource } from '../../src/trail/event.ts'

interface Details {
  readonly time?: number
  readonly region?: string
  readonly source?: string
  readonly readOnly?: boolean
  readonly accessKeyId?: string
  readonly userAgent?: string
  readonly resources?: readonly EventResource[]
  /** Of a call that was refused, of nobody who has shown who they are. */
  readonly foreign?: boolean
}

/** An event as calls make it. */
export function madeEvent(eventName: string, details: Details = {}): ApiEvent {
  const { time = 0, region = 'us-west-2', source = 'elasticloadbalancing' } = details
  const { readOnly = false, accessKeyId = 'AKIAEXAMPLE', userAgent = 'test' } = details
  const accountId = '123456789012'
  const root = {
    type: 'Root',
    principalId: accountId,
    arn: `arn:aws:iam::${accountId}:root`,
    accountId,
    accessKeyId,
  } as const
  return {
    time,
    resources: details.resources ?? [],
    record: {
      eventVersion: '1.08',
      userIdentity: details.foreign === true ? { type: 'Unknown' } : root,
      ...(details.foreign === true ? { errorCode: 'SignatureDoesNotMatch' } : {}),
      eventTime: new Date(time).toISOString().replace(/\.\d+/, ''),
      eventSource: `${source}.amazonaws.com`,
      eventName,
      awsRegion: region,
      sourceIPAddress: '127.0.0.1',
      userAgent,
      requestParameters: null,
      responseElements: null,
      requestID: randomUUID(),
      eventID: randomUUID(),
      readOnly,
      eventType: 'AwsApiCall',
      managementEvent: true,
      recipientAccountId: accountId,
      eventCategory: 'Management',
    },
  }
}
