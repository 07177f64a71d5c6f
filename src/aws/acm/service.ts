import { jsonProtocol } from '../wire/json.ts'
import type { Service } from '../wire/service.ts'
import type { AcmPorts } from './ports.ts'

/** AWS Certificate Manager, API version 2015-12-08: certificates that are imported or requested. */
export function createAcmService(ports: AcmPorts): Service {
  return {
    signingName: 'acm',
    protocols: [
      jsonProtocol({ version: '1.1', target: 'CertificateManager', apiVersion: '2015-12-08' }),
    ],
    async load() {
      const [schemas, { acmOperations }] = await Promise.all([
        import('@aws-sdk/client-acm'),
        import('./operations.ts'),
      ])
      return { schemas, operations: acmOperations(ports) }
    },
  }
}
