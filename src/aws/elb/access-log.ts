/** Access logs as the API sets them (guide, p. 104–106): where they go, and the proof that they can. */

import type { AccessLog } from '@aws-sdk/client-elastic-load-balancing'
import { BucketError } from '../../buckets/bucket-error.ts'
import { isBucketName } from '../../buckets/bucket-name.ts'
import { type Buckets, loadBalancing } from '../../buckets/buckets.ts'
import type { Call } from '../wire/service.ts'
import { invalidConfiguration } from './errors.ts'
import type { AttributesRecord } from './records.ts'

/** Minutes between two log files (guide, p. 97). */
const emitIntervals = [5, 60]
/** The rest of the 1,024 bytes of a key is that of the file. */
const maxPrefix = 512

/** What logs have that are switched on without further settings. */
const enabledAccessLog = { s3BucketName: null, s3BucketPrefix: null, emitInterval: 60 }

/**
 * Switched off, logs keep the settings that the request leaves out (guide, p. 106).
 * @throws ApiError InvalidConfigurationRequest
 */
export function modifiedAccessLog(
  before: AttributesRecord['accessLog'],
  sent: AccessLog,
): AttributesRecord['accessLog'] {
  const enabled = sent.Enabled ?? false
  if (enabled && !sent.S3BucketName) {
    throw invalidConfiguration('S3BucketName must be specified to enable AccessLog')
  }
  checkNames(sent)
  const { s3BucketName, s3BucketPrefix, emitInterval } = enabled ? enabledAccessLog : before
  const interval = sent.EmitInterval ?? emitInterval
  if (interval !== null && !emitIntervals.includes(interval)) {
    throw invalidConfiguration(
      `AccessLog EmitInterval ${interval} must be one of ${emitIntervals.join(', ')} minutes`,
    )
  }
  return {
    enabled,
    s3BucketName: sent.S3BucketName || s3BucketName,
    // An empty one is described back as it was sent: Ansible compares.
    s3BucketPrefix: sent.S3BucketPrefix ?? s3BucketPrefix,
    emitInterval: interval,
  }
}

/**
 * Writes the file that shows that logs can be written (guide, p. 105–106).
 * @throws ApiError InvalidConfigurationRequest
 */
export async function writeTestFile(
  buckets: Buckets,
  { accountId, region, clock, logger }: Pick<Call, 'accountId' | 'region' | 'clock' | 'logger'>,
  name: string,
  { s3BucketName, s3BucketPrefix }: AttributesRecord['accessLog'],
): Promise<void> {
  const bucket = s3BucketName ?? ''
  const prefix = s3BucketPrefix ? `${s3BucketPrefix}/` : ''
  const key = `${prefix}AWSLogs/${accountId}/ELBAccessLogTestFile`
  const text = `Enable AccessLog for ELB: ${name} at ${new Date(clock.now()).toISOString()}`
  const sender = loadBalancing(region, accountId, name)
  try {
    await buckets.write({ bucket, key, sender }, text)
  } catch (error) {
    logger.warn({ err: error, bucket, key }, 'the test file of an access log was not written')
    if (error instanceof BucketError && error.code === 'BucketRegionMismatch') {
      throw invalidConfiguration(error.message)
    }
    throw invalidConfiguration(
      `Access Denied for bucket: ${bucket}. Please check S3bucket permission`,
    )
  }
}

function checkNames({ S3BucketName: bucket, S3BucketPrefix: prefix }: AccessLog): void {
  if (bucket && !isBucketName(bucket)) {
    throw invalidConfiguration(
      `AccessLog S3BucketName '${bucket}' is not a valid bucket name: 3 to 63 lower-case letters, digits, hyphens and dots, a letter or digit at both ends`,
    )
  }
  if (prefix && (prefix.length > maxPrefix || !/^[ -~]+$/.test(prefix))) {
    throw invalidConfiguration(
      `AccessLog S3BucketPrefix '${prefix}' must be at most ${maxPrefix} printable ASCII characters`,
    )
  }
}
