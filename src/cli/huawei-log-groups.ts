/** Buckets as Huawei Cloud's log groups: a group is the bucket of that name, a log stream a folder in it. */
import { BucketError } from '../buckets/bucket-error.ts'
import { isBucketName } from '../buckets/bucket-name.ts'
import { type Buckets, loadBalancing } from '../buckets/buckets.ts'
import type { LogGroups } from '../huawei/elb/log-configurations/log-groups.ts'
import { type HuaweiError, invalidInput, notFound, unavailable } from '../huawei/wire/errors.ts'
import type { Logger } from '../telemetry/logger.ts'

export interface LogGroupOptions {
  readonly buckets: Buckets
  readonly region: string
  readonly account: string
  readonly logger: Logger
}

export function huaweiLogGroups({ buckets, region, account, logger }: LogGroupOptions): LogGroups {
  return {
    async check({ group, topic, loadBalancer }) {
      const name = `loadbalancer_${loadBalancer}`
      const key = `${topic}/ELBAccessLogTestFile`
      const sender = loadBalancing(region, account, name)
      if (!isBucketName(group)) throw notFound('log_group', group)
      try {
        await buckets.write(
          { bucket: group, key, sender },
          `The access log of ${name} goes here.\n`,
        )
      } catch (error) {
        logger.warn({ err: error, bucket: group, key }, 'a log group cannot be written to')
        throw refusal(group, error)
      }
    },
  }
}

/** What is not the bucket's doing, such as a server that is away or a disk that is full, may pass. */
function refusal(group: string, error: unknown): HuaweiError {
  if (!(error instanceof BucketError)) {
    return unavailable(`Log group ${group} cannot be written to now: ${kindOf(error)}`)
  }
  if (error.code === 'NoSuchBucket') return notFound('log_group', group)
  return invalidInput(`Log group ${group} cannot be written to: ${error.message}`)
}

/** `ECONNREFUSED`, `SignatureDoesNotMatch`: messages can have addresses and paths in them, which are for the log. */
function kindOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error'
  const { code } = error as NodeJS.ErrnoException
  return typeof code === 'string' ? code : error.name
}
