/** Logging API calls with AWS CloudTrail: pages 107–109 of the guide. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ListCertificatesCommand } from '@aws-sdk/client-acm'
import { expect } from 'vitest'
import { createLogBucketOf } from '../support/buckets.ts'
import { createLoadBalancer, type Guide, guideTests } from './guide.ts'

const test = guideTests()

interface Event {
  readonly Username: string
  readonly Resources: unknown
  readonly CloudTrailEvent: string
}

/** What the guide's records have, of the calls of that name: newest first. */
async function lookedUp({ aws }: Guide, name: string): Promise<Event[]> {
  const answer = (await aws.json(
    `aws cloudtrail lookup-events --lookup-attributes AttributeKey=EventName,AttributeValue=${name}`,
  )) as { Events: Event[] }
  return answer.Events
}

const identity = {
  type: 'Root',
  principalId: '123456789012',
  arn: 'arn:aws:iam::123456789012:root',
  accountId: '123456789012',
  accessKeyId: 'test',
}

/** What both records of the guide have (p. 108–109). */
const common = {
  eventVersion: expect.stringMatching(/^1\.\d+$/),
  userIdentity: identity,
  eventTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
  eventSource: 'elasticloadbalancing.amazonaws.com',
  awsRegion: 'us-west-2',
  sourceIPAddress: '127.0.0.1',
  userAgent: expect.stringMatching(/^aws-cli\//),
  requestID: expect.any(String),
  eventID: expect.any(String),
  eventType: 'AwsApiCall',
  apiVersion: '2012-06-01',
  recipientAccountId: '123456789012',
}

const trailArn = 'arn:aws:cloudtrail:us-west-2:123456789012:trail/my-trail'

test('calls to create and delete a load balancer are in the event history, as the guide shows them', async (guide) => {
  const { aws } = guide
  await aws.json(
    'aws elb create-load-balancer --load-balancer-name my-load-balancer --listeners "Protocol=HTTP,LoadBalancerPort=80,InstanceProtocol=HTTP,InstancePort=80" --availability-zones us-west-2a us-west-2b',
  )
  await aws.json('aws elb delete-load-balancer --load-balancer-name my-load-balancer')
  const [created, ...others] = await lookedUp(guide, 'CreateLoadBalancer')
  expect(others).toEqual([])
  expect(created).toMatchObject({
    Username: 'root',
    Resources: [
      { ResourceType: 'AWS::ElasticLoadBalancing::LoadBalancer', ResourceName: 'my-load-balancer' },
    ],
  })
  expect(JSON.parse(created?.CloudTrailEvent ?? '')).toMatchObject({
    ...common,
    eventName: 'CreateLoadBalancer',
    requestParameters: {
      availabilityZones: ['us-west-2a', 'us-west-2b'],
      loadBalancerName: 'my-load-balancer',
      listeners: [
        { protocol: 'HTTP', loadBalancerPort: 80, instanceProtocol: 'HTTP', instancePort: 80 },
      ],
    },
    responseElements: {
      dnsName: expect.stringMatching(/^my-load-balancer-\d+\.us-west-2\.elb\.amazonaws\.com$/),
    },
  })
  const [deleted] = await lookedUp(guide, 'DeleteLoadBalancer')
  expect(JSON.parse(deleted?.CloudTrailEvent ?? '')).toMatchObject({
    ...common,
    eventName: 'DeleteLoadBalancer',
    requestParameters: { loadBalancerName: 'my-load-balancer' },
    responseElements: null,
  })
})

test('a call that fails is there with its error, and a load balancer is found by its name', async (guide) => {
  const { aws } = guide
  await createLoadBalancer(guide.weir)
  const { exitCode } = await aws.run(
    'aws elb create-load-balancer-policy --load-balancer-name none --policy-name p --policy-type-name ProxyProtocolPolicyType --policy-attributes AttributeName=ProxyProtocol,AttributeValue=true',
  )
  expect(exitCode).not.toBe(0)
  const answer = (await aws.json(
    'aws cloudtrail lookup-events --lookup-attributes AttributeKey=ResourceName,AttributeValue=none',
  )) as { Events: Event[] }
  const [failed] = answer.Events
  expect(JSON.parse(failed?.CloudTrailEvent ?? '')).toMatchObject({
    eventName: 'CreateLoadBalancerPolicy',
    errorCode: 'AccessPointNotFoundException',
    errorMessage: "There is no ACTIVE Load Balancer named 'none'",
    responseElements: null,
  })
})

test('the CLI goes through all pages, and looks up a time', async ({ aws, weir }) => {
  for (let n = 0; n < 7; n += 1) await weir.acm.send(new ListCertificatesCommand({}))
  const names = await aws.json(
    "aws cloudtrail lookup-events --start-time 2020-01-01T00:00:00Z --page-size 2 --lookup-attributes AttributeKey=EventSource,AttributeValue=acm.amazonaws.com --query 'Events[].EventName'",
  )
  expect(names).toEqual(Array.from({ length: 7 }, () => 'ListCertificates'))
})

/** As AWS has it ("Amazon S3 bucket policy for CloudTrail"). */
const policy = {
  Version: '2012-10-17',
  Statement: [
    {
      Sid: 'AWSCloudTrailAclCheck20150319',
      Effect: 'Allow',
      Principal: { Service: 'cloudtrail.amazonaws.com' },
      Action: 's3:GetBucketAcl',
      Resource: 'arn:aws:s3:::my-trail-bucket',
      Condition: { StringEquals: { 'aws:SourceArn': trailArn } },
    },
    {
      Sid: 'AWSCloudTrailWrite20150319',
      Effect: 'Allow',
      Principal: { Service: 'cloudtrail.amazonaws.com' },
      Action: 's3:PutObject',
      Resource: 'arn:aws:s3:::my-trail-bucket/my-prefix/AWSLogs/123456789012/*',
      Condition: {
        StringEquals: {
          's3:x-amz-acl': 'bucket-owner-full-control',
          'aws:SourceArn': trailArn,
        },
      },
    },
  ],
}

test('a trail is made when its bucket is there and lets CloudTrail in', async (guide) => {
  const { aws, folder } = guide
  await writeFile(join(folder, 'policy.json'), JSON.stringify(policy))
  const create =
    'aws cloudtrail create-trail --name my-trail --s3-bucket-name my-trail-bucket --s3-key-prefix my-prefix'
  expect((await aws.run(create)).stderr).toContain('S3BucketDoesNotExistException')
  await aws.json(
    'aws s3api create-bucket --bucket my-trail-bucket --create-bucket-configuration LocationConstraint=us-west-2',
  )
  expect((await aws.run(create)).stderr).toContain('InsufficientS3BucketPolicyException')
  await aws.json('aws s3api put-bucket-policy --bucket my-trail-bucket --policy file://policy.json')
  expect(await aws.json(create)).toMatchObject({ TrailARN: trailArn })
  expect(await aws.text('aws s3 ls s3://my-trail-bucket --recursive')).toContain(
    'my-prefix/AWSLogs/123456789012/CloudTrail/',
  )
  const ofS3 = (await aws.json(
    "aws cloudtrail lookup-events --lookup-attributes AttributeKey=ResourceName,AttributeValue=my-trail-bucket --query 'Events[].EventName'",
  )) as string[]
  expect(ofS3.sort()).toEqual([
    'CreateBucket',
    'CreateTrail',
    'CreateTrail',
    'CreateTrail',
    'PutBucketPolicy',
  ])
})

test('a trail is created, started, looked at, stopped and deleted', async ({ aws, weir }) => {
  await createLogBucketOf(weir, 'my-trail-bucket')
  const trail = {
    Name: 'my-trail',
    S3BucketName: 'my-trail-bucket',
    IncludeGlobalServiceEvents: true,
    IsMultiRegionTrail: true,
    TrailARN: trailArn,
    LogFileValidationEnabled: false,
    IsOrganizationTrail: false,
  }
  const created = await aws.json(
    'aws cloudtrail create-trail --name my-trail --s3-bucket-name my-trail-bucket --is-multi-region-trail --tags-list Key=team,Value=web',
  )
  expect(created).toEqual(trail)
  await aws.json('aws cloudtrail start-logging --name my-trail')
  expect(await aws.json('aws cloudtrail get-trail-status --name my-trail')).toMatchObject({
    IsLogging: true,
  })
  await aws.json(
    `aws cloudtrail put-event-selectors --trail-name my-trail --event-selectors '[{"ReadWriteType": "WriteOnly", "IncludeManagementEvents": true}]'`,
  )
  expect(await aws.json('aws cloudtrail describe-trails')).toMatchObject({
    trailList: [{ ...trail, HomeRegion: 'us-west-2', HasCustomEventSelectors: true }],
  })
  expect(
    await aws.json(`aws cloudtrail list-tags --resource-id-list ${trail.TrailARN}`),
  ).toMatchObject({ ResourceTagList: [{ TagsList: [{ Key: 'team', Value: 'web' }] }] })
  await aws.json('aws cloudtrail stop-logging --name my-trail')
  await aws.json('aws cloudtrail delete-trail --name my-trail')
  expect(await aws.json('aws cloudtrail list-trails')).toMatchObject({ Trails: [] })
})
