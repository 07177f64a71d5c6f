import { ACM } from '@aws-sdk/client-acm'
import { EC2 } from '@aws-sdk/client-ec2'
import { ElasticLoadBalancing } from '@aws-sdk/client-elastic-load-balancing'
import { IAM } from '@aws-sdk/client-iam'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { startTestEndpoint } from '../../../../test/support/aws-endpoint.ts'
import { selfSigned } from '../../../../test/support/certificate-authority.ts'
import type { ApiEvent } from '../../../trail/event.ts'
import type { AwsEndpointOptions } from '../../wire/endpoint.ts'
import { ApiError } from '../../wire/errors.ts'
import { apiEvent } from './api-event.ts'
import { isDataEvent } from './kinds.ts'

const accountId = '123456789012'

type Operations = Parameters<typeof startTestEndpoint>[0]

/** Clients of an endpoint in memory, and the events of their calls. */
async function system(operations: Operations = {}, options: Partial<AwsEndpointOptions> = {}) {
  const events: ApiEvent[] = []
  const endpoint = await startTestEndpoint(operations, {
    ...options,
    async record(call) {
      const event = apiEvent(call, accountId)
      if (event !== undefined) events.push(event)
    },
  })
  onTestFinished(() => endpoint[Symbol.asyncDispose]())
  const requestHandler = {
    async handle(request: {
      method: string
      path: string
      headers: Record<string, string>
      body?: string | Uint8Array
    }) {
      const lower = Object.entries(request.headers).map(([name, value]) => [
        name.toLowerCase(),
        value,
      ])
      const { status, headers, body } = await endpoint.aws({
        method: request.method,
        rawUrl: request.path,
        headers: Object.fromEntries(lower),
        body: Buffer.from(request.body ?? ''),
        remoteAddress: '::ffff:198.51.100.1',
      })
      const bytes = Buffer.from(body)
      return { response: { statusCode: status, headers, body: new Blob([bytes]).stream() } }
    },
  }
  const config = {
    endpoint: 'http://localhost:4566',
    region: 'us-west-2',
    credentials: endpoint.key,
    customUserAgent: 'weir-test/1',
    maxAttempts: 1,
    requestHandler: requestHandler as never,
  }
  return {
    endpoint,
    events,
    config,
    elb: new ElasticLoadBalancing(config),
    ec2: new EC2(config),
    iam: new IAM(config),
    acm: new ACM(config),
    only(): ApiEvent {
      const [event] = events
      if (event === undefined || events.length > 1) throw new Error(`${events.length} events`)
      return event
    },
  }
}

const listener = {
  Protocol: 'HTTPS',
  LoadBalancerPort: 443,
  InstanceProtocol: 'HTTP',
  InstancePort: 80,
  SSLCertificateId: 'arn:aws:iam::123456789012:server-certificate/web',
}

describe('an event', () => {
  it('has the members of the records in the guide', async () => {
    const { elb, only, endpoint } = await system({
      elb: { CreateLoadBalancer: async () => ({ DNSName: 'web-1.us-west-2.elb.weir.internal' }) },
    })
    const { $metadata } = await elb.createLoadBalancer({
      LoadBalancerName: 'my-load-balancer',
      Listeners: [listener],
      Subnets: ['subnet-12345678', 'subnet-76543210'],
    })
    const { record } = only()
    expect(record).toEqual({
      eventVersion: '1.08',
      userIdentity: {
        type: 'Root',
        principalId: accountId,
        arn: `arn:aws:iam::${accountId}:root`,
        accountId,
        accessKeyId: endpoint.key.accessKeyId,
      },
      eventTime: new Date(endpoint.clock.now()).toISOString().replace(/\.\d+/, ''),
      eventSource: 'elasticloadbalancing.amazonaws.com',
      eventName: 'CreateLoadBalancer',
      awsRegion: 'us-west-2',
      sourceIPAddress: '198.51.100.1',
      userAgent: expect.stringContaining('weir-test/1'),
      requestParameters: {
        loadBalancerName: 'my-load-balancer',
        listeners: [
          {
            protocol: 'HTTPS',
            loadBalancerPort: 443,
            instanceProtocol: 'HTTP',
            instancePort: 80,
            sslCertificateId: listener.SSLCertificateId,
          },
        ],
        subnets: ['subnet-12345678', 'subnet-76543210'],
      },
      responseElements: { dnsName: 'web-1.us-west-2.elb.weir.internal' },
      requestID: $metadata.requestId,
      eventID: expect.stringMatching(/^[0-9a-f-]{36}$/),
      readOnly: false,
      eventType: 'AwsApiCall',
      apiVersion: '2012-06-01',
      managementEvent: true,
      recipientAccountId: accountId,
      eventCategory: 'Management',
    })
  })

  it('names what the call is about', async () => {
    const { elb, only } = await system({ elb: { CreateLoadBalancer: async () => ({}) } })
    await elb.createLoadBalancer({
      LoadBalancerName: 'web',
      Listeners: [listener],
      Subnets: ['subnet-1'],
      SecurityGroups: ['sg-1'],
    })
    expect(only().resources).toEqual([
      { type: 'AWS::ElasticLoadBalancing::LoadBalancer', name: 'web' },
      { type: 'AWS::EC2::Subnet', name: 'subnet-1' },
      { type: 'AWS::EC2::SecurityGroup', name: 'sg-1' },
    ])
  })

  it('of a call that only reads has no response', async () => {
    const { elb, only } = await system({
      elb: { DescribeLoadBalancers: async () => ({ LoadBalancerDescriptions: [] }) },
    })
    await elb.describeLoadBalancers({})
    expect(only().record).toMatchObject({
      readOnly: true,
      requestParameters: null,
      responseElements: null,
    })
  })

  it('of a call that was refused has the error, by the name in the model', async () => {
    const { elb, ec2, events } = await system({
      elb: {
        async DeleteLoadBalancer() {
          throw new ApiError('LoadBalancerNotFound', 'none', 400, 'AccessPointNotFoundException')
        },
      },
      ec2: {
        async DescribeVpcs() {
          throw new ApiError('InvalidVpcID.NotFound', "The vpc ID 'vpc-1' does not exist")
        },
      },
    })
    await expect(elb.deleteLoadBalancer({ LoadBalancerName: 'web' })).rejects.toThrow('none')
    await expect(ec2.describeVpcs({ VpcIds: ['vpc-1'] })).rejects.toThrow('does not exist')
    const [first, second] = events.map(({ record }) => record)
    expect(first).toMatchObject({
      errorCode: 'AccessPointNotFoundException',
      errorMessage: 'none',
      requestParameters: { loadBalancerName: 'web' },
      responseElements: null,
    })
    expect(second?.errorCode).toBe('Client.InvalidVpcID.NotFound')
  })

  it('is there for calls that were refused before they were read, of nobody known', async () => {
    const { config, events } = await system()
    const forged = new ElasticLoadBalancing({
      ...config,
      credentials: { ...config.credentials, secretAccessKey: 'x'.repeat(40) },
    })
    await expect(forged.deleteLoadBalancer({ LoadBalancerName: 'web' })).rejects.toThrow()
    await expect(
      new ElasticLoadBalancing(config).describeTags({ LoadBalancerNames: ['web'] }),
    ).rejects.toThrow('not available')
    const [first, second] = events.map(({ record }) => record)
    expect(first).toMatchObject({
      userIdentity: { type: 'Unknown', accessKeyId: config.credentials.accessKeyId },
      eventName: 'DeleteLoadBalancer',
      errorCode: 'SignatureDoesNotMatch',
      requestParameters: null,
    })
    expect(second).toMatchObject({
      userIdentity: { type: 'Root' },
      eventName: 'DescribeTags',
      errorCode: 'UnsupportedOperation',
    })
  })

  it('is not made of what is no name of an operation', async () => {
    const { endpoint, events } = await system({}, { auth: { kind: 'none', ownNames: [] } })
    for (const action of ['Create%0ALoadBalancer', '%22', 'x'.repeat(200), '']) {
      const { status } = await endpoint.aws({
        method: 'GET',
        rawUrl: `/?Version=2012-06-01&Action=${action}`,
        headers: { host: 'localhost:4566' },
        body: new Uint8Array(),
        remoteAddress: '127.0.0.1',
      })
      expect(status).toBe(400)
    }
    expect(events).toEqual([])
  })

  it('holds no more of a user agent than 1024 characters, and is one line whatever it says', async () => {
    const { config, only } = await system({ elb: { DescribeTags: async () => ({}) } })
    const hostile = `"},{"eventName":"Forged"}\u001b[31m\u0085${'x'.repeat(100_000)}`
    const elb = new ElasticLoadBalancing(config)
    elb.middlewareStack.add(
      (next) => (args) => {
        const { headers } = args.request as { headers: Record<string, string> }
        headers['user-agent'] = hostile
        return next(args)
      },
      { step: 'finalizeRequest', priority: 'low' },
    )
    await elb.describeTags({ LoadBalancerNames: ['web'] })
    const { record } = only()
    expect(record.userAgent).toBe(hostile.slice(0, 1024))
    const line = JSON.stringify(record)
    expect(line).not.toContain('\n')
    expect(JSON.parse(line)).toEqual(record)
  })

  it('leaves out what is larger than 100 KB, and says its size', async () => {
    const { elb, only } = await system({ elb: { DescribeLoadBalancers: async () => ({}) } })
    const LoadBalancerNames = Array.from({ length: 1000 }, (_, n) => `${n}`.padEnd(200, 'x'))
    await elb.describeLoadBalancers({ LoadBalancerNames })
    expect(only().record.requestParameters).toEqual({
      omitted: true,
      originalSize: expect.any(Number),
    })
  })
})

describe('a private key', () => {
  let certificate: string
  let privateKey: string
  beforeAll(async () => {
    ;({ certificate, privateKey } = await selfSigned({ key: 'P-256' }))
  })
  const secrets = () => privateKey.split('\n').filter((line) => line.length > 20 && !/-/.test(line))
  const bytes = (text: string) => new TextEncoder().encode(text)

  it('that is uploaded or imported is not in the event', async () => {
    const { iam, acm, events } = await system()
    await iam.uploadServerCertificate({
      ServerCertificateName: 'web',
      CertificateBody: certificate,
      PrivateKey: privateKey,
    })
    await acm.importCertificate({
      Certificate: bytes(certificate),
      PrivateKey: bytes(privateKey),
    })
    const parameters = events.map(({ record }) => record.requestParameters)
    expect(parameters).toEqual([
      {
        serverCertificateName: 'web',
        certificateBody: certificate,
        privateKey: 'HIDDEN_DUE_TO_SECURITY_REASONS',
      },
      { certificate, privateKey: 'HIDDEN_DUE_TO_SECURITY_REASONS' },
    ])
    for (const line of secrets()) expect(JSON.stringify(events)).not.toContain(line)
  })

  it('that is handed in wrongly is not in the event', async () => {
    const { iam, acm, elb, events } = await system({
      elb: { CreateLoadBalancerPolicy: async () => ({}) },
    })
    const right = { ServerCertificateName: 'a', CertificateBody: certificate, PrivateKey: 'x' }
    const refused = (call: Promise<unknown>) => expect(call).rejects.toThrow()
    await refused(iam.uploadServerCertificate({ ...right, CertificateBody: privateKey }))
    await refused(iam.uploadServerCertificate({ ...right, Path: privateKey }))
    await refused(iam.uploadServerCertificate({ ...right, Tags: [{ Key: privateKey, Value: '' }] }))
    await refused(acm.importCertificate({ Certificate: bytes(privateKey), PrivateKey: bytes('x') }))
    const base64 = privateKey.replaceAll(/-----.*-----|\s/g, '')
    await elb.createLoadBalancerPolicy({
      LoadBalancerName: 'web',
      PolicyName: 'key',
      PolicyTypeName: 'PublicKeyPolicyType',
      PolicyAttributes: [{ AttributeName: 'PublicKey', AttributeValue: base64 }],
    })
    expect(events).toHaveLength(5)
    for (const line of secrets()) expect(JSON.stringify(events)).not.toContain(line)
  })
})

it('leaves data events out', () => {
  const all = [
    ['s3', 'PutObject'],
    ['s3', 'ListObjectsV2'],
    ['s3', 'CreateMultipartUpload'],
    ['s3', 'UploadPart'],
    ['s3', 'CreateBucket'],
    ['s3', 'PutBucketPolicy'],
    ['s3', 'PutObjectLockConfiguration'],
    ['sns', 'Publish'],
    ['sns', 'CreateTopic'],
    ['monitoring', 'PutMetricData'],
    ['monitoring', 'PutMetricAlarm'],
    ['ec2', 'DescribeVpcs'],
  ] as const
  expect(all.filter(([service, name]) => isDataEvent(service, name))).toEqual([
    ['s3', 'PutObject'],
    ['s3', 'ListObjectsV2'],
    ['s3', 'CreateMultipartUpload'],
    ['s3', 'UploadPart'],
    ['sns', 'Publish'],
    ['monitoring', 'PutMetricData'],
  ])
})
