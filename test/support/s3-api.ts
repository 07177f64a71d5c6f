import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { S3, type S3ClientConfig } from '@aws-sdk/client-s3'
import { startApiServer } from '../../src/api/server.ts'
import { createS3Endpoint } from '../../src/aws/s3/endpoint.ts'
import { type AccessKey, accessKeys, ensureRootKey } from '../../src/aws/wire/access-keys.ts'
import type { FolderBuckets } from '../../src/buckets/folder-buckets.ts'
import { systemClock } from '../../src/std/clock.ts'
import { SecretBox } from '../../src/std/secret-box.ts'
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts'
import { createLogger } from '../../src/telemetry/logger.ts'
import { noHuawei } from './api.ts'
import { bucketsIn } from './buckets.ts'

export interface S3ApiOptions {
  readonly port?: number
  /** Where it keeps everything; default: a folder that goes with it. */
  readonly root?: string
  /** What seals the secrets of that folder. */
  readonly box?: SecretBox
}

/** S3 behind a real server that verifies signatures. */
export class S3Api implements AsyncDisposable {
  readonly url: string
  readonly key: AccessKey
  readonly buckets: FolderBuckets
  /** Where the objects of buckets are. */
  readonly folder: string
  readonly s3: S3
  readonly #running: AsyncDisposableStack

  private constructor(url: string, key: AccessKey, root: string, running: AsyncDisposableStack) {
    this.url = url
    this.key = key
    this.buckets = bucketsIn(root)
    this.folder = join(root, 'buckets')
    this.#running = running
    this.s3 = this.client()
  }

  static async start({ port = 0, ...options }: S3ApiOptions = {}): Promise<S3Api> {
    await using starting = new AsyncDisposableStack()
    const root = options.root ?? (await mkdtemp(join(tmpdir(), 'weir-s3-')))
    if (options.root === undefined) starting.defer(() => rm(root, { recursive: true }))
    const store = starting.use(openSqliteStore(join(root, 'store.db')))
    const box = options.box ?? new SecretBox(randomBytes(32))
    const { accessKeyId, secretAccessKey } = await ensureRootKey(store, box)
    const [clock, logger] = [systemClock, createLogger('silent')]
    const s3 = createS3Endpoint({
      ...{ clock, logger, accountId: '123456789012', defaultRegion: 'us-west-2' },
      buckets: bucketsIn(root),
      auth: { kind: 'sigv4', keys: accessKeys(store, box) },
    })
    const server = starting.use(
      await startApiServer({
        ...{ host: '127.0.0.1', port, s3, clock, logger },
        huawei: noHuawei,
        aws: async () => ({ status: 501, headers: {}, body: 'not S3' }),
        ready: () => true,
        metrics: async () => '',
        localRoots: async () => undefined,
        signingCertificate: async () => undefined,
      }),
    )
    const key = { accessKeyId, secretAccessKey }
    return new S3Api(server.url, key, root, starting.move())
  }

  client(options: S3ClientConfig = {}): S3 {
    return new S3({
      endpoint: this.url,
      region: 'us-west-2',
      credentials: this.key,
      forcePathStyle: true,
      maxAttempts: 1,
      ...options,
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.s3.destroy()
    await this.#running.disposeAsync()
  }
}
