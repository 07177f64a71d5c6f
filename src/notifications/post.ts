/** How a message is handed over to an endpoint. */
import type { MessageRecord } from '../aws/sns/queue-records.ts'
import type { SubscriptionRecord, TopicRecord } from '../aws/sns/records.ts'

/** A message on its way to one subscription. */
export interface Parcel {
  readonly message: MessageRecord
  readonly subscription: SubscriptionRecord
  readonly topic: TopicRecord
}

export interface Post {
  /**
   * Resolves when the endpoint has taken the message.
   * @throws RefusedDelivery when trying again would not help; any other error may pass
   */
  send(parcel: Parcel, signal: AbortSignal): Promise<void>
}

export class RefusedDelivery extends Error {
  override readonly name = 'RefusedDelivery'
}
