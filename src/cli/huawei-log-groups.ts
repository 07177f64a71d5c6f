/** Buckets as Huawei Cloud's log groups: a group is the bucket of that name, a log stream a folder in it. */
import { BucketError } from '../buckets/bucket-error.ts'
import { type Buckets, loadBalancing } from '../buckets/buckets.ts'
import type { LogGroups } from '../huawei/elb/log-configurations/log-groups.ts'
import { invalidInput, notFound } from '../huawei/wire/errors.ts'

export function huaweiLogGroups(buckets: Buckets, region: string, account: string): LogGroups {
  return {
    async check({ group, topic, loadBalancer }) {
      const name = `loadbalancer_${loadBalancer}`
      const key = `${topic}/ELBAccessLogTestFile`
      const sender = loadBalancing(region, account, name)
      try {
        await buckets.write(
          { bucket: group, key, sender },
          `The access log of ${name} goes here.\n`,
        )
      } catch (error) {
        if (!(error instanceof BucketError)) throw error
        if (error.code === 'NoSuchBucket') throw notFound('log_group', group)
        throw invalidInput(`Log group ${group} cannot be written to: ${error.message}`)
      }
    },
  }
}
