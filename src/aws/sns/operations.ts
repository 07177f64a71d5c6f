import type { Operation } from '../wire/service.ts'
import type { SnsPorts } from './ports.ts'
import { publish, publishBatch } from './publish.ts'
import { getSubscriptionAttributes, setSubscriptionAttributes } from './subscription-attributes.ts'
import { listSubscriptions, listSubscriptionsByTopic } from './subscription-lists.ts'
import { confirmSubscription, subscribe, unsubscribe } from './subscriptions.ts'
import { listTagsForResource, tagResource, untagResource } from './tags.ts'
import { getTopicAttributes, setTopicAttributes } from './topic-attributes.ts'
import { createTopic, deleteTopic, listTopics } from './topics.ts'

export function snsOperations(ports: SnsPorts): Readonly<Record<string, Operation>> {
  return {
    ConfirmSubscription: confirmSubscription(ports),
    CreateTopic: createTopic(ports),
    DeleteTopic: deleteTopic,
    GetSubscriptionAttributes: getSubscriptionAttributes,
    GetTopicAttributes: getTopicAttributes,
    ListSubscriptions: listSubscriptions,
    ListSubscriptionsByTopic: listSubscriptionsByTopic,
    ListTagsForResource: listTagsForResource,
    ListTopics: listTopics,
    Publish: publish(ports),
    PublishBatch: publishBatch(ports),
    SetSubscriptionAttributes: setSubscriptionAttributes,
    SetTopicAttributes: setTopicAttributes,
    Subscribe: subscribe(ports),
    TagResource: tagResource,
    Unsubscribe: unsubscribe,
    UntagResource: untagResource,
  }
}
