/** Where access logs and trails are delivered to: Weir's own buckets, or those of an S3 server that the settings name. */
import type { Buckets } from '../buckets/buckets.ts'
import { FolderBuckets } from '../buckets/folder-buckets.ts'
import type { Settings } from '../settings/settings.ts'
import type { Clock, Timer } from '../std/clock.ts'
import type { Logger } from '../telemetry/logger.ts'
import { bucketFolders } from './paths.ts'

export interface OpenBuckets {
  readonly buckets: Buckets
  /** Weir's own, which the shared endpoint serves; null when they are elsewhere. */
  readonly ownBuckets: FolderBuckets | null
}

const hourMs = 3_600_000

/** Tidies the buckets now and every hour. Resolves when it has been done once. */
export async function keepTidy(
  buckets: Pick<FolderBuckets, 'tidy'>,
  clock: Clock,
  logger: Logger,
): Promise<Timer> {
  await buckets.tidy(clock.now())
  return clock.every(hourMs, () => {
    buckets.tidy(clock.now()).catch((error: unknown) => {
      logger.error({ err: error }, 'buckets could not be tidied')
    })
  })
}

export async function openBuckets(settings: Settings, clock: Clock): Promise<OpenBuckets> {
  const { s3Endpoint: endpoint, s3Region, s3PathStyle, s3Encryption, s3KmsKeyId } = settings
  if (endpoint === undefined) {
    const ownBuckets = new FolderBuckets(bucketFolders(settings))
    return { buckets: ownBuckets, ownBuckets }
  }
  // The SDK is large and slow to load.
  const { S3Buckets } = await import('../buckets/s3-buckets.ts')
  const buckets = new S3Buckets({
    endpoint,
    region: s3Region ?? null,
    pathStyle: s3PathStyle,
    encryption: s3Encryption,
    kmsKeyId: s3KmsKeyId ?? null,
    clock,
  })
  return { buckets, ownBuckets: null }
}
