import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createAcmService } from '../../src/aws/acm/service.ts'
import { createIamService } from '../../src/aws/iam/service.ts'
import { createStsService } from '../../src/aws/sts/service.ts'
import { type AccessKey, accessKeys, ensureRootKey } from '../../src/aws/wire/access-keys.ts'
import { ec2QueryProtocol } from '../../src/aws/wire/ec2-query.ts'
import {
  type AwsEndpoint,
  type AwsEndpointOptions,
  createAwsEndpoint,
} from '../../src/aws/wire/endpoint.ts'
import { queryProtocol } from '../../src/aws/wire/query.ts'
import type { Operation, Service } from '../../src/aws/wire/service.ts'
import { openSecretBox } from '../../src/std/secret-box.ts'
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts'
import { createLogger } from '../../src/telemetry/logger.ts'
import { ManualClock } from './manual-clock.ts'

export interface TestEndpoint extends AsyncDisposable {
  readonly aws: AwsEndpoint
  readonly key: AccessKey
  readonly clock: ManualClock
  /** Lines of the log so far. */
  readonly log: () => Record<string, unknown>[]
}

/** An endpoint over a store of its own, with ACM, IAM, STS and whatever operations a test gives to Elastic Load Balancing and EC2. */
export async function startTestEndpoint(
  operations: {
    readonly elb?: Readonly<Record<string, Operation>>
    readonly ec2?: Readonly<Record<string, Operation>>
  } = {},
  options: Partial<AwsEndpointOptions> = {},
): Promise<TestEndpoint> {
  const folder = await mkdtemp(join(tmpdir(), 'weir-aws-'))
  const store = openSqliteStore(join(folder, 'weir.db'))
  const box = await openSecretBox(join(folder, 'keys', 'secret.key'))
  const key = await ensureRootKey(store, box)
  const clock = new ManualClock(Date.now())
  const lines: string[] = []
  const logger = createLogger('info', {}, { write: (line) => void lines.push(line) })
  const aws = createAwsEndpoint({
    services: [
      createAcmService({
        box,
        quotas: { certificates: 10, namesPerCertificate: 10 },
        dnsSuffix: 'weir.internal',
      }),
      createStsService(),
      createIamService({ box, quotas: { serverCertificates: 20 } }),
      elbWith(operations.elb ?? {}),
      ec2With(operations.ec2 ?? {}),
    ],
    store,
    clock,
    logger,
    accountId: '123456789012',
    defaultRegion: 'us-west-2',
    auth: { kind: 'sigv4', keys: accessKeys(store, box) },
    ...options,
  })
  return {
    aws,
    key,
    clock,
    log: () => lines.map((line) => JSON.parse(line)),
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]()
      await rm(folder, { recursive: true })
    },
  }
}

function elbWith(operations: Readonly<Record<string, Operation>>): Service {
  return {
    signingName: 'elasticloadbalancing',
    protocols: [
      queryProtocol('2012-06-01', 'http://elasticloadbalancing.amazonaws.com/doc/2012-06-01/'),
    ],
    load: async () => ({
      schemas: await import('@aws-sdk/client-elastic-load-balancing'),
      operations,
    }),
  }
}

function ec2With(operations: Readonly<Record<string, Operation>>): Service {
  return {
    signingName: 'ec2',
    protocols: [ec2QueryProtocol('2016-11-15', 'http://ec2.amazonaws.com/doc/2016-11-15/')],
    load: async () => ({ schemas: await import('@aws-sdk/client-ec2'), operations }),
  }
}
