import { expect, test } from 'vitest'
import { checkBucketPolicy, matches, policyAllows } from './bucket-policy.ts'
import { loadBalancing, type Sender } from './buckets.ts'
import { requireDeliverable } from './delivery-rules.ts'

const key = 'my-app/AWSLogs/123456789012/elasticloadbalancing/us-west-2/2014/02/15/a.log'
const sender = loadBalancing('us-west-2', '123456789012', 'my-loadbalancer')

const allow = {
  Effect: 'Allow',
  Principal: { AWS: 'arn:aws:iam::797873946194:root' },
  Action: 's3:PutObject',
  Resource: 'arn:aws:s3:::my-logs/my-app/AWSLogs/123456789012/*',
}

function delivers(statement: object | object[], to: Partial<Sender> = {}, region = 'us-west-2') {
  const policy = JSON.stringify({ Version: '2012-10-17', Statement: statement })
  checkBucketPolicy('my-logs', policy)
  const bucket = { name: 'my-logs', region, created: 0, policy }
  try {
    requireDeliverable(bucket, { bucket: 'my-logs', key, sender: { ...sender, ...to } })
    return true
  } catch {
    return false
  }
}

const service = (Service: string | string[]) => ({ ...allow, Principal: { Service } })

test.each<[string, object | object[]]>([
  ["Elastic Load Balancing's account of the region, as the guide has it (p. 102)", allow],
  [
    'the account by its number alone',
    { ...allow, Principal: { AWS: ['1'.repeat(12), '797873946194'] } },
  ],
  ['the service', service('logdelivery.elasticloadbalancing.amazonaws.com')],
  [
    'the service among others',
    service(['ec2.amazonaws.com', 'elasticloadbalancing.amazonaws.com']),
  ],
  ['everybody', { ...allow, Principal: '*' }],
  ['everybody of AWS', { ...allow, Principal: { AWS: '*' } }],
  ['all actions that put', { ...allow, Action: ['s3:GetObject', 's3:put*'] }],
  ['all actions', { ...allow, Action: '*' }],
  ['all keys', { ...allow, Resource: 'arn:aws:s3:::my-logs/*' }],
  [
    'what is not another key',
    { ...allow, Resource: undefined, NotResource: 'arn:aws:s3:::my-logs/x' },
  ],
  [
    'a condition that holds',
    { ...allow, Condition: { StringEquals: { 's3:x-amz-acl': 'bucket-owner-full-control' } } },
  ],
  [
    'the account of the source',
    { ...allow, Condition: { StringLike: { 'aws:SourceAccount': '1234*' } } },
  ],
  [
    'the source',
    {
      ...allow,
      Condition: {
        ArnLike: { 'aws:SourceArn': 'arn:aws:elasticloadbalancing:us-west-2:*:loadbalancer/*' },
      },
    },
  ],
  ['a Deny of something else', [allow, { ...allow, Effect: 'Deny', Action: 's3:DeleteObject' }]],
])('a policy that allows %s lets logs be delivered', (_, statement) => {
  expect(delivers(statement)).toBe(true)
})

test.each<[string, object | object[]]>([
  ['the account of another region', { ...allow, Principal: { AWS: '127311923021' } }],
  ['another service', service('delivery.logs.amazonaws.com')],
  ['other keys', { ...allow, Resource: 'arn:aws:s3:::my-logs/AWSLogs/123456789012/*' }],
  ['the bucket alone', { ...allow, Resource: 'arn:aws:s3:::my-logs' }],
  ['reading', { ...allow, Action: 's3:GetObject' }],
  ['all but this action', { ...allow, Action: undefined, NotAction: 's3:PutObject' }],
  ['all but this account', { ...allow, Principal: undefined, NotPrincipal: allow.Principal }],
  [
    'a condition that does not hold',
    { ...allow, Condition: { StringEquals: { 's3:x-amz-acl': 'private' } } },
  ],
  [
    'a condition of an operator that is not known',
    { ...allow, Condition: { DateLessThan: { 'aws:CurrentTime': '2999-01-01T00:00:00Z' } } },
  ],
  [
    'a condition on what is not known',
    { ...allow, Condition: { StringNotEquals: { constructor: 'x' } } },
  ],
  ['it and denies it', [allow, { ...allow, Effect: 'Deny', Principal: '*' }]],
  [
    'it and denies it on a condition that is not known',
    [
      allow,
      { ...allow, Effect: 'Deny', Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } },
    ],
  ],
])('a policy that allows %s does not', (_, statement) => {
  expect(delivers(statement)).toBe(false)
})

test('a bucket in another region takes nothing, whatever its policy says (guide, p. 101)', () => {
  expect(delivers({ ...allow, Principal: '*' }, {}, 'us-east-1')).toBe(false)
  expect(delivers({ ...allow, Principal: '*' }, { region: 'us-east-1' })).toBe(false)
})

test('a policy can tell CloudTrail from load balancers', () => {
  const statement = service('cloudtrail.amazonaws.com')
  expect(delivers(statement)).toBe(false)
  expect(delivers(statement, { service: 'cloudtrail' })).toBe(true)
})

test.each([
  ['no JSON', '{'],
  ['no statement', '{"Version":"2012-10-17"}'],
  ['another effect', policyOf({ ...allow, Effect: 'Maybe' })],
  ['no principal', policyOf({ ...allow, Principal: undefined })],
  ['two kinds of action', policyOf({ ...allow, NotAction: 's3:GetObject' })],
  ['the action of another service', policyOf({ ...allow, Action: 'ec2:RunInstances' })],
  ["another bucket's objects", policyOf({ ...allow, Resource: 'arn:aws:s3:::other/*' })],
  ['an element that policies do not have', policyOf({ ...allow, Extra: 1 })],
])('a policy with %s is refused', (_, policy) => {
  expect(() => checkBucketPolicy('my-logs', policy)).toThrow(
    expect.objectContaining({ code: 'MalformedPolicy' }),
  )
})

function policyOf(statement: object): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: statement })
}

test.each([
  ['*', '', true],
  ['a*c', 'abbbc', true],
  ['a*c', 'abbbd', false],
  ['a?c', 'abc', true],
  ['a?c', 'ac', false],
  ['*a*b*', 'xxaxxbxx', true],
  ['a**', 'a', true],
  ['a.c', 'abc', false],
])('%s for %j: %s', (pattern, text, fits) => {
  expect(matches(pattern, text)).toBe(fits)
})

test('no pattern takes for ever', () => {
  expect(matches('*a'.repeat(2000), 'a'.repeat(1999))).toBe(false)
})

test('no policy allows what it does not say', () => {
  const request = {
    principal: { account: null, services: [] },
    action: 's3:PutObject',
    resource: 'arn:aws:s3:::my-logs/a',
    context: new Map<string, string>(),
  }
  expect(policyAllows(policyOf({ ...allow, Principal: { AWS: '' } }), request)).toBe(false)
})
