import type { Operation } from '../wire/service.ts'
import type { SnsPorts } from './ports.ts'
import { publish } from './publish.ts'
import { listTagsForResource, tagResource, untagResource } from './tags.ts'
import { getTopicAttributes, setTopicAttributes } from './topic-attributes.ts'
import { createTopic, deleteTopic, listTopics } from './topics.ts'

export function snsOperations(ports: SnsPorts): Readonly<Record<string, Operation>> {
  return {
    CreateTopic: createTopic(ports),
    DeleteTopic: deleteTopic,
    GetTopicAttributes: getTopicAttributes,
    ListTagsForResource: listTagsForResource,
    ListTopics: listTopics,
    Publish: publish,
    SetTopicAttributes: setTopicAttributes,
    TagResource: tagResource,
    UntagResource: untagResource,
  }
}
