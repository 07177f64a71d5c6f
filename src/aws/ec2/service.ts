import { ec2QueryProtocol } from '../wire/ec2-query.ts'
import type { Service } from '../wire/service.ts'

/** Amazon EC2, API version 2016-11-15, as far as load balancing needs it. */
export function createEc2Service(): Service {
  return {
    signingName: 'ec2',
    protocols: [ec2QueryProtocol('2016-11-15', 'http://ec2.amazonaws.com/doc/2016-11-15/')],
    async load() {
      const [schemas, { ec2Operations }] = await Promise.all([
        import('@aws-sdk/client-ec2'),
        import('./operations.ts'),
      ])
      return { schemas, operations: ec2Operations }
    },
  }
}
