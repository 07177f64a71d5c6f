/** Whether a service may put an object into a bucket: its policy allows it, and for access logs it is in the load balancer's region (guide, p. 101–104). */
import { BucketError } from './bucket-error.ts'
import { policyAllows } from './bucket-policy.ts'
import type { BucketRecord } from './bucket-records.ts'
import type { Delivery, Sender } from './buckets.ts'

/** @throws BucketError BucketRegionMismatch, AccessDenied */
export function requireDeliverable(bucket: BucketRecord, { key, sender }: Delivery): void {
  const { name, region, policy } = bucket
  if (sender.service === 'elasticloadbalancing' && region !== sender.region) {
    throw new BucketError(
      'BucketRegionMismatch',
      `Bucket ${name} is in ${region}; it must be in ${sender.region}`,
    )
  }
  const partition = partitionOf(region)
  const allowed =
    policy !== null &&
    policyAllows(policy, {
      principal: principalOf(sender),
      action: 's3:PutObject',
      resource: `arn:${partition}:s3:::${name}/${key}`,
      context: new Map([
        ['s3:x-amz-acl', 'bucket-owner-full-control'],
        ['aws:sourceaccount', sender.account],
        ['aws:sourcearn', sender.sourceArn],
        ['aws:securetransport', 'true'],
      ]),
    })
  if (allowed) return
  throw new BucketError(
    'AccessDenied',
    `The policy of bucket ${name} does not allow ${sender.service} to put ${key}`,
  )
}

/** As bucket policies name who delivers. */
function principalOf({ service, region }: Sender) {
  if (service === 'cloudtrail') return { account: null, services: ['cloudtrail.amazonaws.com'] }
  return {
    account: loadBalancingAccounts[region] ?? null,
    services: [
      'logdelivery.elasticloadbalancing.amazonaws.com',
      'elasticloadbalancing.amazonaws.com',
    ],
  }
}

function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn'
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws'
}

/** Elastic Load Balancing's own account in each region (guide, p. 103–104). */
const loadBalancingAccounts: Readonly<Record<string, string | undefined>> = {
  'us-east-1': '127311923021',
  'us-east-2': '033677994240',
  'us-west-1': '027434742980',
  'us-west-2': '797873946194',
  'af-south-1': '098369216593',
  'ca-central-1': '985666609251',
  'eu-central-1': '054676820928',
  'eu-west-1': '156460612806',
  'eu-west-2': '652711504416',
  'eu-south-1': '635631232127',
  'eu-west-3': '009996457667',
  'eu-north-1': '897822967062',
  'ap-east-1': '754344448648',
  'ap-northeast-1': '582318560864',
  'ap-northeast-2': '600734575887',
  'ap-northeast-3': '383597477331',
  'ap-southeast-1': '114774131450',
  'ap-southeast-2': '783225319266',
  'ap-south-1': '718504428378',
  'me-south-1': '076674570225',
  'sa-east-1': '507241528517',
  'us-gov-west-1': '048591011584',
  'us-gov-east-1': '190560391635',
  'cn-north-1': '638102146993',
  'cn-northwest-1': '037604701340',
}
