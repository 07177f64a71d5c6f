import type {
  ListSubscriptionsByTopicInput,
  ListSubscriptionsByTopicResponse,
  ListSubscriptionsInput,
  ListSubscriptionsResponse,
  Subscription,
} from '@aws-sdk/client-sns'
import { reader } from '../../store/transaction.ts'
import type { Operation } from '../wire/service.ts'
import { pageOf } from './paging.ts'
import { type SubscriptionRecord, snsKeys } from './records.ts'
import { requireTopic } from './topics.ts'

export const listSubscriptions: Operation<
  ListSubscriptionsInput,
  ListSubscriptionsResponse
> = async ({ NextToken }, { store, region }) => {
  const all = await reader(store).list<SubscriptionRecord>(snsKeys.subscriptionsIn(region))
  return pageOfSubscriptions(all, NextToken)
}

export const listSubscriptionsByTopic: Operation<
  ListSubscriptionsByTopicInput,
  ListSubscriptionsByTopicResponse
> = async ({ TopicArn, NextToken }, call) => {
  const read = reader(call.store)
  const { region, name } = await requireTopic(read, TopicArn, call)
  const all = await read.list<SubscriptionRecord>(snsKeys.subscriptionsOf(region, name))
  return pageOfSubscriptions(all, NextToken)
}

function pageOfSubscriptions(all: readonly SubscriptionRecord[], token: string | undefined) {
  const inOrder = all.toSorted((a, b) => (a.arn < b.arn ? -1 : 1))
  const { items, next } = pageOf(inOrder, ({ arn }) => arn, token)
  return { Subscriptions: items.map(view), ...next }
}

function view(record: SubscriptionRecord): Subscription {
  return {
    SubscriptionArn: record.confirmed ? record.arn : 'PendingConfirmation',
    Owner: record.accountId,
    Protocol: record.protocol,
    Endpoint: record.endpoint,
    TopicArn: record.topicArn,
  }
}
