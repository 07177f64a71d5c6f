/** Where notifications can go. */
import { invalidParameter } from './errors.ts'
import { protocols, type SubscriptionProtocol } from './records.ts'

/** What AWS serves besides. */
const otherProtocols = ['application', 'firehose', 'lambda', 'sms', 'sqs']

/** RFC 5321, section 4.5.3.1.3, without the angle brackets. */
const maxAddress = 254
const maxUrl = 2048

const address = /^[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[a-z0-9-]+(\.[a-z0-9-]+)*$/i

export interface Destination {
  readonly protocol: SubscriptionProtocol
  readonly endpoint: string
}

/** @param email whether mails can be sent @throws ApiError InvalidParameter */
export function requireDestination(
  name: string | undefined,
  endpoint: string | undefined,
  email: boolean,
): Destination {
  const protocol = requireProtocol(name)
  if (!endpoint) throw invalidParameter('Endpoint Reason: no value for required parameter')
  if (protocol === 'http' || protocol === 'https') requireUrl(protocol, endpoint)
  else requireAddress(endpoint, email)
  return { protocol, endpoint }
}

function requireProtocol(name: string | undefined): SubscriptionProtocol {
  const protocol = protocols.find((each) => each === name)
  if (protocol !== undefined) return protocol
  if (otherProtocols.includes(name ?? '')) {
    throw invalidParameter(
      `Protocol Reason: ${name} is not served here; served are ${protocols.join(', ')}`,
    )
  }
  throw invalidParameter(`Amazon SNS does not support this protocol string: ${name}`)
}

function requireUrl(protocol: 'http' | 'https', endpoint: string): void {
  const url = URL.parse(endpoint)
  if (url?.protocol !== `${protocol}:` || /\s|\p{Cc}/u.test(endpoint)) {
    throw invalidParameter('Endpoint must match the specified protocol')
  }
  if (endpoint.length > maxUrl) {
    throw invalidParameter(`Endpoint Reason: the URL has more than ${maxUrl} characters`)
  }
  // They would be shown to everybody who lists subscriptions.
  if (url.username !== '' || url.password !== '') {
    throw invalidParameter('Endpoint Reason: user names and passwords in URLs are not served')
  }
}

function requireAddress(endpoint: string, email: boolean): void {
  if (endpoint.length > maxAddress || !address.test(endpoint)) {
    throw invalidParameter('Email address')
  }
  if (!email) {
    throw invalidParameter(
      'Protocol Reason: no mail can be sent: Weir was started without an SMTP server (--smtp)',
    )
  }
}
