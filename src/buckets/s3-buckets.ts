/** Buckets of an S3 server elsewhere: AWS's own, or another that speaks its API. Who may put what, the server decides. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { rm, stat } from 'node:fs/promises'
import {
  PutObjectCommand,
  type PutObjectCommandInput,
  S3Client,
  S3ServiceException,
  type ServerSideEncryption,
} from '@aws-sdk/client-s3'
import type { Clock } from '../std/clock.ts'
import { BucketError } from './bucket-error.ts'
import type { Buckets, Delivery } from './buckets.ts'

export interface S3ServerOptions {
  readonly endpoint: string
  /** That requests are signed for; null: that of who delivers. */
  readonly region: string | null
  /** The bucket in the path; otherwise in the host's name. */
  readonly pathStyle: boolean
  /** What the server is told to encrypt objects with. */
  readonly encryption: Extract<ServerSideEncryption, 'AES256' | 'aws:kms'> | 'none'
  /** With `aws:kms`; null: the server's own. */
  readonly kmsKeyId: string | null
  readonly clock: Clock
}

/** Milliseconds for a connection, and for one on which nothing moves. */
const connectMs = 5000
const idleMs = 20_000
/** For a file of 64 MiB, at a fifth of a megabyte a second. */
const fileMs = 5 * 60_000
/** For what an API call waits for. */
const contentMs = 10_000

/** Credentials are those that AWS's own tools use: of the environment, of a profile, of the machine. */
export class S3Buckets implements Buckets {
  readonly #options: S3ServerOptions
  readonly #clients = new Map<string, S3Client>()

  constructor(options: S3ServerOptions) {
    this.#options = options
  }

  async put(delivery: Delivery, file: string): Promise<void> {
    const { size } = await stat(file)
    const md5 = createHash('md5')
    for await (const chunk of createReadStream(file)) md5.update(chunk)
    const Body = createReadStream(file)
    try {
      const content = { Body, ContentLength: size, ContentMD5: md5.digest('base64') }
      await this.#put(delivery, content, fileMs)
    } finally {
      Body.destroy()
    }
    await rm(file)
  }

  write(delivery: Delivery, content: string | Uint8Array): Promise<void> {
    return this.#put(delivery, { Body: content }, contentMs)
  }

  async #put(
    { bucket, key, sender }: Delivery,
    content: Pick<PutObjectCommandInput, 'Body' | 'ContentLength' | 'ContentMD5'>,
    mostMs: number,
  ): Promise<void> {
    const client = this.#client(this.#options.region ?? sender.region)
    const input = { Bucket: bucket, Key: key, ...content, ...this.#encryption() }
    const late = new AbortController()
    const timer = this.#options.clock.after(mostMs, () => late.abort())
    try {
      await client.send(new PutObjectCommand(input), { abortSignal: late.signal })
    } catch (error) {
      throw late.signal.aborted
        ? new Error(`${this.#options.endpoint} did not take ${bucket}/${key} in ${mostMs} ms`)
        : inOwnWords(error)
    } finally {
      timer.cancel()
    }
  }

  #encryption(): Pick<PutObjectCommandInput, 'ServerSideEncryption' | 'SSEKMSKeyId'> {
    const { encryption, kmsKeyId } = this.#options
    if (encryption === 'none') return {}
    if (encryption === 'AES256' || kmsKeyId === null) return { ServerSideEncryption: encryption }
    return { ServerSideEncryption: encryption, SSEKMSKeyId: kmsKeyId }
  }

  #client(region: string): S3Client {
    const { endpoint, pathStyle } = this.#options
    const client =
      this.#clients.get(region) ??
      new S3Client({
        ...{ endpoint, region, forcePathStyle: pathStyle },
        // Other servers know Content-MD5, which they have always had, rather than checksums behind the body.
        requestChecksumCalculation: 'WHEN_REQUIRED',
        logger: silent,
        requestHandler: { connectionTimeout: connectMs, socketTimeout: idleMs },
      })
    this.#clients.set(region, client)
    return client
  }
}

/** What goes wrong is told to who asked for it. */
const silent = { debug() {}, info() {}, warn() {}, error() {} }

/** Why a bucket takes nothing, as it is said of Weir's own buckets. */
function inOwnWords(error: unknown): unknown {
  if (!(error instanceof S3ServiceException)) return error
  const { name, message } = error
  return name === 'NoSuchBucket' || name === 'AccessDenied' ? new BucketError(name, message) : error
}
