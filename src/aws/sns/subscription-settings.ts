/** What may be set of a subscription, by Subscribe and SetSubscriptionAttributes. */
import { readSubscriptionPolicy } from './delivery-policy-json.ts'
import { invalidParameter } from './errors.ts'
import { readFilterPolicy } from './filter-policy-json.ts'
import type { SubscriptionProtocol, SubscriptionRecord } from './records.ts'

export type SubscriptionSettings = Pick<
  SubscriptionRecord,
  'rawMessageDelivery' | 'filterPolicy' | 'deliveryPolicy'
>

export const newSettings: SubscriptionSettings = {
  rawMessageDelivery: false,
  filterPolicy: null,
  deliveryPolicy: null,
}

/** @throws ApiError InvalidParameter */
export function requestedSettings(
  attributes: Readonly<Record<string, string>>,
  protocol: SubscriptionProtocol,
): Partial<SubscriptionSettings> {
  const changes = Object.entries(attributes).map(([name, value]) =>
    requestedSetting(name, value, protocol),
  )
  return Object.assign({}, ...changes)
}

/** @throws ApiError InvalidParameter */
export function requestedSetting(
  name: string,
  value: string,
  protocol: SubscriptionProtocol,
): Partial<SubscriptionSettings> {
  switch (name) {
    case 'RawMessageDelivery':
      return { rawMessageDelivery: readRaw(value, protocol) }
    case 'FilterPolicy':
      return { filterPolicy: readFilterPolicy(value) }
    case 'FilterPolicyScope':
      if (value === 'MessageAttributes') return {}
      throw invalidParameter(
        `FilterPolicyScope Reason: '${value}' is not served, only MessageAttributes`,
      )
    case 'DeliveryPolicy':
      if (value !== '' && !isHttp(protocol)) {
        throw invalidParameter(`DeliveryPolicy Reason: protocol ${protocol} has none`)
      }
      return { deliveryPolicy: readSubscriptionPolicy(value) }
    default:
      throw invalidParameter(`AttributeName Reason: '${name}' cannot be set`)
  }
}

export function isHttp(protocol: SubscriptionProtocol): boolean {
  return protocol === 'http' || protocol === 'https'
}

function readRaw(value: string, protocol: SubscriptionProtocol): boolean {
  const lower = value.toLowerCase()
  if (lower !== 'true' && lower !== 'false') {
    throw invalidParameter(
      `RawMessageDelivery Reason: Invalid value [${value}]. Must be true or false.`,
    )
  }
  if (lower === 'true' && !isHttp(protocol)) {
    throw invalidParameter(`RawMessageDelivery Reason: protocol ${protocol} has no raw messages`)
  }
  return lower === 'true'
}
