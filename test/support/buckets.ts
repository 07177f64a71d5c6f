import { loadBalancing } from '../../src/buckets/buckets.ts'
import { FolderBuckets } from '../../src/buckets/folder-buckets.ts'
import type { Weir } from './weir.ts'

/** Buckets below a folder: objects in `FOLDER/buckets/BUCKET/KEY`. */
export function bucketsIn(folder: string): FolderBuckets {
  return new FolderBuckets({ objects: `${folder}/buckets`, notes: `${folder}/s3` })
}

/** A policy with which load balancers of any region, and trails, may deliver everything. */
export function logPolicy(bucket: string): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: {
      Effect: 'Allow',
      Principal: {
        Service: ['logdelivery.elasticloadbalancing.amazonaws.com', 'cloudtrail.amazonaws.com'],
      },
      Action: 's3:PutObject',
      Resource: `arn:aws:s3:::${bucket}/*`,
    },
  })
}

/** Makes a bucket that takes access logs. */
export async function createLogBucket(
  buckets: FolderBuckets,
  name: string,
  region = 'us-west-2',
): Promise<void> {
  await buckets.records.create({ name, region, created: 0, policy: logPolicy(name) })
}

/** As {@link createLogBucket}, of a whole system. */
export async function createLogBucketOf({ s3 }: Weir, Bucket: string): Promise<void> {
  await s3.createBucket({ Bucket })
  await s3.putBucketPolicy({ Bucket, Policy: logPolicy(Bucket) })
}

/** A load balancer of the tests' account. */
export const sender = loadBalancing('us-west-2', '123456789012', 'my-loadbalancer')
