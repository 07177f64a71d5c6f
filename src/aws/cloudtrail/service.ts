import { jsonProtocol } from '../wire/json.ts'
import type { Service } from '../wire/service.ts'
import type { CloudTrailPorts } from './ports.ts'

const json = { version: '1.1', apiVersion: '2013-11-01' } as const

/** AWS CloudTrail, API version 2013-11-01: the history of API calls. The CLI's name for the API is longer than that of other clients. */
export function createCloudTrailService(ports: CloudTrailPorts): Service {
  return {
    signingName: 'cloudtrail',
    protocols: [
      jsonProtocol({ ...json, target: 'CloudTrail_20131101' }),
      jsonProtocol({
        ...json,
        target: 'com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101',
      }),
    ],
    async load() {
      const [schemas, { cloudTrailOperations }] = await Promise.all([
        import('@aws-sdk/client-cloudtrail'),
        import('./operations.ts'),
      ])
      return { schemas, operations: cloudTrailOperations(ports) }
    },
  }
}
