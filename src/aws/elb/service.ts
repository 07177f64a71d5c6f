import type { Service } from '../wire/service.ts'
import type { ElbPorts } from './ports.ts'

/** Elastic Load Balancing, API version 2012-06-01: Classic Load Balancers. */
export function createElbService(ports: ElbPorts): Service {
  return {
    signingName: 'elasticloadbalancing',
    version: '2012-06-01',
    protocol: 'query',
    namespace: 'http://elasticloadbalancing.amazonaws.com/doc/2012-06-01/',
    async load() {
      const [schemas, { elbOperations }] = await Promise.all([
        import('@aws-sdk/client-elastic-load-balancing'),
        import('./operations.ts'),
      ])
      return { schemas, operations: elbOperations(ports) }
    },
  }
}
