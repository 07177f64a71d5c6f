/** A record of an API call, member for member as CloudTrail writes it (guide, p. 108–109; CloudTrail User Guide, "CloudTrail record contents"). */
export interface EventRecord {
  readonly eventVersion: string
  readonly userIdentity: UserIdentity
  /** ISO 8601, to the second. */
  readonly eventTime: string
  /** E.g. `elasticloadbalancing.amazonaws.com`. */
  readonly eventSource: string
  readonly eventName: string
  readonly awsRegion: string
  readonly sourceIPAddress: string
  readonly userAgent?: string
  readonly errorCode?: string
  readonly errorMessage?: string
  /** Null when there are none, or when the call was refused before they were read. */
  readonly requestParameters: Members | null
  /** Null for calls that only read, and for those that answer nothing. */
  readonly responseElements: Members | null
  readonly requestID: string
  readonly eventID: string
  readonly readOnly: boolean
  readonly eventType: 'AwsApiCall'
  readonly apiVersion?: string
  readonly managementEvent: true
  readonly recipientAccountId: string
  readonly eventCategory: 'Management'
}

export type Members = Readonly<Record<string, unknown>>

/** `Unknown` is who did not show that they may act for the account. */
export type UserIdentity =
  | {
      readonly type: 'Root'
      readonly principalId: string
      readonly arn: string
      readonly accountId: string
      readonly accessKeyId?: string
    }
  | { readonly type: 'Unknown'; readonly accessKeyId?: string }

/** What an event is about, e.g. `AWS::ElasticLoadBalancing::LoadBalancer` and its name. */
export interface EventResource {
  readonly type: string
  readonly name: string
}

export interface ApiEvent {
  readonly record: EventRecord
  /** Milliseconds since the Unix epoch. */
  readonly time: number
  readonly resources: readonly EventResource[]
}

/** Whether it is a call that was refused and whose caller nobody knows: anybody can make as many of these as they like. */
export function isForeign({ userIdentity, errorCode }: EventRecord): boolean {
  return userIdentity.type === 'Unknown' && errorCode !== undefined
}

/** As lookups have it; undefined for who is not known. */
export function usernameOf({ type }: UserIdentity): string | undefined {
  return type === 'Root' ? 'root' : undefined
}
