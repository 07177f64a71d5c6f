import { queryProtocol } from '../wire/query.ts'
import type { Service } from '../wire/service.ts'
import type { ElbPorts } from './ports.ts'

/** Elastic Load Balancing, API version 2012-06-01: Classic Load Balancers. */
export function createElbService(ports: ElbPorts): Service {
  return {
    signingName: 'elasticloadbalancing',
    protocols: [
      queryProtocol('2012-06-01', 'http://elasticloadbalancing.amazonaws.com/doc/2012-06-01/'),
    ],
    async load() {
      const [schemas, { elbOperations }] = await Promise.all([
        import('@aws-sdk/client-elastic-load-balancing'),
        import('./operations.ts'),
      ])
      return { schemas, operations: elbOperations(ports) }
    },
  }
}
