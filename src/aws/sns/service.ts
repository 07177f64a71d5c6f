import { queryProtocol } from '../wire/query.ts'
import type { Service } from '../wire/service.ts'
import type { SnsPorts } from './ports.ts'

/** Amazon Simple Notification Service, API version 2010-03-31: topics whose messages go to people and programs. */
export function createSnsService(ports: SnsPorts): Service {
  return {
    signingName: 'sns',
    protocols: [queryProtocol('2010-03-31', 'http://sns.amazonaws.com/doc/2010-03-31/')],
    links: new Map([
      ['ConfirmSubscription', 'TopicArn'],
      ['Unsubscribe', 'SubscriptionArn'],
    ]),
    async load() {
      const [schemas, { snsOperations }] = await Promise.all([
        import('@aws-sdk/client-sns'),
        import('./operations.ts'),
      ])
      return { schemas, operations: snsOperations(ports) }
    },
  }
}
