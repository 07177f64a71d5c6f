import { queryProtocol } from '../wire/query.ts'
import type { Service } from '../wire/service.ts'
import type { IamPorts } from './ports.ts'

/**
 * AWS Identity and Access Management, as far as load balancing needs it: server certificates, and who the caller is. The account's
 * root user is the only one.
 */
export function createIamService(ports: IamPorts): Service {
  return {
    signingName: 'iam',
    protocols: [queryProtocol('2010-05-08', 'https://iam.amazonaws.com/doc/2010-05-08/')],
    async load() {
      const [schemas, { iamOperations }] = await Promise.all([
        import('@aws-sdk/client-iam'),
        import('./operations.ts'),
      ])
      return { schemas, operations: iamOperations(ports) }
    },
  }
}
