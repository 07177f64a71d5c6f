/** One history has the calls of all APIs, whoever's words they are in, and nobody's secrets. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ACM } from '@aws-sdk/client-acm'
import { CloudTrail, type LookupAttributeKey } from '@aws-sdk/client-cloudtrail'
import { EC2 } from '@aws-sdk/client-ec2'
import { IAM } from '@aws-sdk/client-iam'
import { SNS } from '@aws-sdk/client-sns'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ServerCertificate, selfSigned } from '../support/certificate-authority.ts'
import { HuaweiClient, projectId, refusal } from '../support/huawei.ts'
import { NotificationEndpoint } from '../support/notification-endpoint.ts'
import { SecretTraces } from '../support/secret-traces.ts'
import { Weir } from '../support/weir.ts'

const hidden = 'HIDDEN_DUE_TO_SECURITY_REASONS'
const running = new AsyncDisposableStack()
let weir: Weir
let credentials: { accessKeyId: string; secretAccessKey: string }
let certificate: ServerCertificate

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'weir-history-'))
  running.defer(() => rm(folder, { recursive: true }))
  const args = ['--data', join(folder, 'data'), '--key-file', join(folder, 'key')]
  weir = running.use(await Weir.start({ dev: false, args }))
  const [, accessKeyId = ''] = /AWS_ACCESS_KEY_ID=(\S+)/.exec(weir.output()) ?? []
  const [, secretAccessKey = ''] = /AWS_SECRET_ACCESS_KEY=(\S+)/.exec(weir.output()) ?? []
  credentials = { accessKeyId, secretAccessKey }
  certificate = await selfSigned()
})
afterAll(() => running.disposeAsync())

const at = (region = weir.region) => ({ endpoint: weir.api, region, credentials })

/** The records that have it, newest first. */
async function lookUp(
  AttributeKey: LookupAttributeKey,
  AttributeValue: string,
  region = weir.region,
) {
  const { Events = [] } = await new CloudTrail(at(region)).lookupEvents({
    LookupAttributes: [{ AttributeKey, AttributeValue }],
  })
  return Events.map(({ CloudTrailEvent = '' }) => JSON.parse(CloudTrailEvent))
}

function logIn(password: string, name = credentials.accessKeyId): Promise<Response> {
  const user = { name, domain: { name: 'default' }, password }
  const identity = { methods: ['password'], password: { user } }
  const scope = { project: { id: projectId } }
  return fetch(`${weir.api}/v3/auth/tokens`, {
    method: 'POST',
    body: JSON.stringify({ auth: { identity, scope } }),
  })
}

test("calls of Huawei Cloud's ELB and of Octavia are found by the load balancer that they are about", async () => {
  const { Subnets = [] } = await new EC2(at()).describeSubnets({})
  const huawei = new HuaweiClient(weir.api, credentials)
  const asked = {
    name: 'web',
    availability_zone_list: ['us-west-2a'],
    vip_subnet_cidr_id: Subnets[0]?.SubnetId,
  }
  const { loadbalancer } = await huawei.post('loadbalancers', { loadbalancer: asked })
  const { id } = loadbalancer
  await huawei.get(`loadbalancers/${id}`)
  const login = await logIn(credentials.secretAccessKey)
  const token = login.headers.get('x-subject-token') ?? ''
  await fetch(`${weir.api}/v2/lbaas/loadbalancers/${id}`, {
    method: 'DELETE',
    headers: { 'x-auth-token': token, 'user-agent': 'openstacksdk' },
  })
  expect((await refusal(huawei.get(`loadbalancers/${id}`))).code).toBe('ELB.8904')

  const [missing, deleted, shown, created, ...more] = await lookUp('ResourceName', id)
  expect(more).toEqual([])
  expect(created).toMatchObject({
    eventSource: 'elb.myhuaweicloud.com',
    eventName: 'CreateLoadBalancer',
    userIdentity: { type: 'Root', accessKeyId: credentials.accessKeyId },
    awsRegion: 'us-west-2',
    sourceIPAddress: '127.0.0.1',
    readOnly: false,
    requestParameters: { project_id: projectId, loadbalancer: asked },
    responseElements: { loadbalancer: { id, name: 'web' } },
  })
  expect(shown).toMatchObject({
    eventName: 'ShowLoadBalancer',
    readOnly: true,
    requestParameters: { project_id: projectId, loadbalancer_id: id },
    responseElements: null,
  })
  expect(deleted).toMatchObject({
    eventSource: 'octavia.openstack.org',
    eventName: expect.stringMatching(/DeleteLoadBalancer$/),
    userIdentity: { type: 'Root', accessKeyId: credentials.accessKeyId },
    userAgent: 'openstacksdk',
    requestParameters: { loadbalancer_id: id },
    readOnly: false,
  })
  expect(missing).toMatchObject({
    errorCode: 'ELB.8904',
    errorMessage: expect.stringContaining(id),
    responseElements: null,
  })
})

test('logins to Keystone are recorded with who it was, and without password and token', async () => {
  const accepted = await logIn(credentials.secretAccessKey)
  const token = accepted.headers.get('x-subject-token') ?? ''
  expect((await logIn('my other password')).status).toBe(401)
  const auth = { identity: { methods: ['token'], token: { id: token } } }
  await fetch(`${weir.api}/v3/auth/tokens`, { method: 'POST', body: JSON.stringify({ auth }) })

  const events = await lookUp('EventName', 'KeystoneCreateUserToken')
  const [byToken, refused, allowed] = events
  const user = { name: credentials.accessKeyId, domain: { name: 'default' }, password: hidden }
  expect(allowed).toMatchObject({
    eventSource: 'iam.myhuaweicloud.com',
    userIdentity: { type: 'Root', accessKeyId: credentials.accessKeyId },
    requestParameters: { auth: { identity: { methods: ['password'], password: { user } } } },
  })
  expect(refused).toMatchObject({
    userIdentity: { type: 'Unknown' },
    errorCode: 'Unauthorized',
    requestParameters: { auth: { identity: { password: { user } } } },
    responseElements: null,
  })
  expect(byToken.requestParameters).toEqual({
    auth: { identity: { methods: ['token'], token: hidden } },
  })
  for (const secret of [credentials.secretAccessKey, 'my other password', token]) {
    expect(JSON.stringify(events)).not.toContain(secret)
  }
})

test('a secret that is sent as the name is in no event, be it in a login or in a signature', async () => {
  const { accessKeyId, secretAccessKey } = credentials
  // As one that has no `+` or `/`, which alone would keep it from being taken for an id.
  const secret = secretAccessKey.replaceAll(/\W/g, 'x')
  expect((await logIn(accessKeyId, secret)).status).toBe(401)
  const user = { id: secret, password: accessKeyId }
  const identity = { methods: ['password'], password: { user } }
  const body = JSON.stringify({ auth: { identity } })
  expect((await fetch(`${weir.api}/v3/auth/tokens`, { method: 'POST', body })).status).toBe(401)
  const swapped = { accessKeyId: secret, secretAccessKey: accessKeyId }
  await refusal(new HuaweiClient(weir.api, swapped).get('loadbalancers'))
  await expect(
    new IAM({ ...at(), credentials: swapped }).listServerCertificates({}),
  ).rejects.toThrow()

  const [byId, byName] = await lookUp('EventName', 'KeystoneCreateUserToken')
  expect(byId.requestParameters.auth.identity.password.user.id).toBe(hidden)
  expect(byName.requestParameters.auth.identity.password.user.name).toBe(hidden)
  const [listed] = await lookUp('EventName', 'ListLoadBalancers')
  const [asked] = await lookUp('EventName', 'ListServerCertificates')
  for (const event of [listed, asked]) expect(event.userIdentity).toEqual({ type: 'Unknown' })
  expect(JSON.stringify([byId, byName, listed, asked])).not.toContain(secret)
})

test('of a refused login of any size an event holds little', async () => {
  const padded = { methods: ['password'.padEnd(100_000, 'x')] }
  const body = JSON.stringify({ auth: { identity: padded } })
  expect((await fetch(`${weir.api}/v3/auth/tokens`, { method: 'POST', body })).status).toBe(401)
  const [{ requestParameters, errorMessage }] = await lookUp('EventName', 'KeystoneCreateUserToken')
  expect(requestParameters).toEqual({ omitted: true, originalSize: expect.any(Number) })
  expect(errorMessage.length).toBeLessThanOrEqual(1024)
})

test('private keys are in no event, whichever API they are sent to, and whether it takes them', async () => {
  const { certificate: chain, privateKey } = certificate
  const huawei = new HuaweiClient(weir.api, credentials)
  const body = { certificate: chain, private_key: privateKey }
  await huawei.post('certificates', { certificate: body })
  await refusal(huawei.post('certificates', { certificate: { ...body, domain: privateKey } }))
  await refusal(huawei.post('certificates', { certificate: { ...body, certificate: privateKey } }))
  await huawei.get('certificates', { name: privateKey })
  await new IAM(at()).uploadServerCertificate({
    ServerCertificateName: 'web',
    CertificateBody: chain,
    PrivateKey: privateKey,
  })
  const bytes = (text: string) => new TextEncoder().encode(text)
  await new ACM(at()).importCertificate({
    Certificate: bytes(chain),
    PrivateKey: bytes(privateKey),
  })
  const events = [
    ...(await lookUp('EventName', 'CreateCertificate')),
    ...(await lookUp('EventName', 'ListCertificates')),
    ...(await lookUp('EventName', 'UploadServerCertificate')),
    ...(await lookUp('EventName', 'ImportCertificate')),
  ]
  expect(events).toHaveLength(6)
  expect(events).toContainEqual(
    expect.objectContaining({
      eventSource: 'elb.myhuaweicloud.com',
      requestParameters: {
        project_id: projectId,
        certificate: { certificate: chain, private_key: hidden },
      },
    }),
  )
  expect(new SecretTraces(privateKey).in(JSON.stringify(events))).toEqual([])
})

test('links that confirm and unsubscribe are recorded in the region of their topic, without their token', async () => {
  await using endpoint = await NotificationEndpoint.start()
  const sns = new SNS(at('eu-west-1'))
  const { TopicArn = '' } = await sns.createTopic({ Name: 'my-topic' })
  await sns.subscribe({ TopicArn, Protocol: 'http', Endpoint: endpoint.url })
  const [message] = await endpoint.messages(1)
  await endpoint.confirm()
  const { Subscriptions = [] } = await sns.listSubscriptionsByTopic({ TopicArn })
  const SubscriptionArn = Subscriptions[0]?.SubscriptionArn ?? ''
  await fetch(`${weir.api}/?${new URLSearchParams({ Action: 'Unsubscribe', SubscriptionArn })}`)

  const confirmed = await lookUp('EventName', 'ConfirmSubscription', 'eu-west-1')
  expect(confirmed).toMatchObject([
    {
      userIdentity: { type: 'Unknown' },
      awsRegion: 'eu-west-1',
      requestParameters: { topicArn: TopicArn, token: hidden },
      responseElements: { subscriptionArn: SubscriptionArn },
    },
  ])
  expect(JSON.stringify(confirmed)).not.toContain(message?.Token)
  expect(await lookUp('EventName', 'Unsubscribe', 'eu-west-1')).toMatchObject([
    { userIdentity: { type: 'Unknown' }, requestParameters: { subscriptionArn: SubscriptionArn } },
  ])
})

test("credentials in an endpoint's URL are in no event, whatever characters they have", async () => {
  const sns = new SNS(at())
  const { TopicArn = '' } = await sns.createTopic({ Name: 'my-topic' })
  const Endpoint = 'https://user:p@ss:phrase@example.com/path?a=b'
  await expect(sns.subscribe({ TopicArn, Protocol: 'https', Endpoint })).rejects.toThrow()
  const events = await lookUp('EventName', 'Subscribe')
  expect(events).toMatchObject([
    { requestParameters: { endpoint: `https://user:${hidden}@example.com/path?a=b` } },
  ])
  expect(JSON.stringify(events)).not.toContain('phrase')
})

test('what anybody may ask, such as which versions there are, is not recorded', async () => {
  for (const path of ['/v3', '/v2.0', '/versions', '/v3/openapi.json', '/network']) {
    expect((await fetch(weir.api + path)).status).toBe(200)
  }
  const names = (await lookUp('ReadOnly', 'true')).map(({ eventName }) => eventName)
  expect(names.filter((name) => /Version|OpenApi/.test(name))).toEqual([])
})
