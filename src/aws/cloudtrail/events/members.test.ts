import * as ec2 from '@aws-sdk/client-ec2'
import * as iam from '@aws-sdk/client-iam'
import * as sns from '@aws-sdk/client-sns'
import { expect, test } from 'vitest'
import { operationModel } from '../../wire/model.ts'
import { recordedMembers, recordedName } from './members.ts'

const hidden = 'HIDDEN_DUE_TO_SECURITY_REASONS'

function recorded(
  schemas: Readonly<Record<string, unknown>>,
  operation: string,
  side: 'input' | 'output',
  value: object,
) {
  const model = operationModel(schemas, operation)
  if (model === undefined) throw new Error(`no ${operation}`)
  return recordedMembers({ schema: model[side], value })
}

test.each([
  ['LoadBalancerName', 'loadBalancerName'],
  ['DNSName', 'dnsName'],
  ['SSLCertificateId', 'sslCertificateId'],
  ['S3BucketName', 's3BucketName'],
  ['VPCId', 'vpcId'],
  ['Id', 'id'],
  ['ARN', 'arn'],
  ['trailNameList', 'trailNameList'],
])('%s is %s', (name, expected) => {
  expect(recordedName(name)).toBe(expected)
})

test('a token that confirms a subscription is hidden', () => {
  const input = { TopicArn: 'arn:aws:sns:us-west-2:123456789012:t', Token: 'right-to-confirm' }
  expect(recorded(sns, 'ConfirmSubscription', 'input', input)).toEqual({
    topicArn: input.TopicArn,
    token: hidden,
  })
})

test('passwords in URLs are hidden, in whatever member', () => {
  const Endpoint = 'https://user:pa55@example.com/path?a=b:c@d'
  expect(recorded(sns, 'Subscribe', 'input', { Protocol: 'https', Endpoint })).toEqual({
    protocol: 'https',
    endpoint: `https://user:${hidden}@example.com/path?a=b:c@d`,
  })
})

test('what the model has as sensitive is hidden, also in answers', () => {
  const output = {
    AccessKey: {
      UserName: 'a',
      AccessKeyId: 'AKIA',
      Status: 'Active',
      SecretAccessKey: 'wJalr',
      CreateDate: new Date('2016-04-01T15:31:48Z'),
    },
  }
  expect(recorded(iam, 'CreateAccessKey', 'output', output)).toEqual({
    accessKey: {
      userName: 'a',
      accessKeyId: 'AKIA',
      status: 'Active',
      secretAccessKey: hidden,
      createDate: 'Apr 1, 2016, 3:31:48 PM',
    },
  })
  const UserData = Buffer.from('password=x').toString('base64')
  expect(recorded(ec2, 'RunInstances', 'input', { ImageId: 'ami-1', UserData })).toEqual({
    imageId: 'ami-1',
    userData: hidden,
  })
})
