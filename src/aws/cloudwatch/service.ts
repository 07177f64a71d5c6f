import { cborProtocol } from '../wire/cbor.ts'
import { jsonProtocol } from '../wire/json.ts'
import { queryProtocol } from '../wire/query.ts'
import type { Service } from '../wire/service.ts'
import type { CloudWatchPorts } from './ports.ts'

const api = 'GraniteServiceVersion20100801'
const apiVersion = '2010-08-01'

/** Members whose numbers may have a fraction. */
const fractions = [
  'Counts',
  'Maximum',
  'Minimum',
  'SampleCount',
  'Sum',
  'Threshold',
  'Value',
  'Values',
]

/** Amazon CloudWatch, API version 2010-08-01: metrics and alarms. */
export function createCloudWatchService(ports: CloudWatchPorts): Service {
  return {
    signingName: 'monitoring',
    protocols: [
      queryProtocol(apiVersion, 'http://monitoring.amazonaws.com/doc/2010-08-01/', fractions),
      jsonProtocol({ version: '1.0', target: api, apiVersion, queryCompatible: true }),
      cborProtocol({ service: api, apiVersion, queryCompatible: true }),
    ],
    async load() {
      const [schemas, { cloudWatchOperations }] = await Promise.all([
        import('@aws-sdk/client-cloudwatch'),
        import('./operations.ts'),
      ])
      return { schemas, operations: cloudWatchOperations(ports) }
    },
  }
}
