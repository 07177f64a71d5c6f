import type { PolicyAttribute } from '@aws-sdk/client-elastic-load-balancing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ElbApi, http80, https443, type TestRegion, tcp25 } from '../../../test/support/elb-api.ts'

let api: ElbApi
beforeAll(async () => {
  api = await ElbApi.start()
})
afterAll(() => api[Symbol.asyncDispose]())

const LoadBalancerName = 'my-loadbalancer'

async function withLoadBalancer(): Promise<TestRegion> {
  const region = api.region()
  await region.create(LoadBalancerName, [http80, https443, tcp25])
  return region
}

function create(
  { elb }: TestRegion,
  PolicyName: string,
  PolicyTypeName: string,
  attributes: Record<string, string> = {},
) {
  return elb.createLoadBalancerPolicy({
    LoadBalancerName,
    PolicyName,
    PolicyTypeName,
    PolicyAttributes: Object.entries(attributes).map(([AttributeName, AttributeValue]) => ({
      AttributeName,
      AttributeValue,
    })),
  })
}

function proxyProtocol(region: TestRegion, name = 'my-ProxyProtocol-policy', value = 'true') {
  return create(region, name, 'ProxyProtocolPolicyType', { ProxyProtocol: value })
}

function setOfListener({ elb }: TestRegion, LoadBalancerPort: number, PolicyNames: string[]) {
  return elb.setLoadBalancerPoliciesOfListener({ LoadBalancerName, LoadBalancerPort, PolicyNames })
}

function setForBackend({ elb }: TestRegion, InstancePort: number, PolicyNames: string[]) {
  return elb.setLoadBalancerPoliciesForBackendServer({
    LoadBalancerName,
    InstancePort,
    PolicyNames,
  })
}

async function described({ elb }: TestRegion, name: string) {
  const { PolicyDescriptions } = await elb.describeLoadBalancerPolicies({
    LoadBalancerName,
    PolicyNames: [name],
  })
  return PolicyDescriptions![0]!
}

async function policiesOf(region: TestRegion, port: number) {
  const { ListenerDescriptions = [] } = await region.describe(LoadBalancerName)
  return ListenerDescriptions.find(({ Listener }) => Listener?.LoadBalancerPort === port)!
    .PolicyNames
}

function attributeOf(attributes: PolicyAttribute[] = [], name: string) {
  return attributes.find(({ AttributeName }) => AttributeName === name)?.AttributeValue
}

const refusedChange = { name: 'InvalidConfigurationRequestException' }

test('policies of all six types are created and described as sent', async () => {
  const region = await withLoadBalancer()
  await region.elb.createAppCookieStickinessPolicy({
    LoadBalancerName,
    PolicyName: 'app',
    CookieName: 'my-app-cookie',
  })
  await region.elb.createLBCookieStickinessPolicy({
    LoadBalancerName,
    PolicyName: 'duration',
    CookieExpirationPeriod: 60,
  })
  await region.elb.createLBCookieStickinessPolicy({ LoadBalancerName, PolicyName: 'session' })
  await proxyProtocol(region, 'proxy', 'True')
  await create(region, 'key', 'PublicKeyPolicyType', { PublicKey: 'MIICiTCC' })
  await create(region, 'auth', 'BackendServerAuthenticationPolicyType', {
    PublicKeyPolicyName: 'key',
  })
  const { PolicyDescriptions = [] } = await region.elb.describeLoadBalancerPolicies({
    LoadBalancerName,
  })
  const [ssl, ...others] = PolicyDescriptions
  expect(ssl).toMatchObject({
    PolicyName: 'ELBSecurityPolicy-2016-08',
    PolicyTypeName: 'SSLNegotiationPolicyType',
  })
  const attribute = (AttributeName: string, AttributeValue: string) => [
    { AttributeName, AttributeValue },
  ]
  expect(others).toEqual([
    {
      PolicyName: 'app',
      PolicyTypeName: 'AppCookieStickinessPolicyType',
      PolicyAttributeDescriptions: attribute('CookieName', 'my-app-cookie'),
    },
    {
      PolicyName: 'duration',
      PolicyTypeName: 'LBCookieStickinessPolicyType',
      PolicyAttributeDescriptions: attribute('CookieExpirationPeriod', '60'),
    },
    {
      PolicyName: 'session',
      PolicyTypeName: 'LBCookieStickinessPolicyType',
      PolicyAttributeDescriptions: attribute('CookieExpirationPeriod', '0'),
    },
    {
      PolicyName: 'proxy',
      PolicyTypeName: 'ProxyProtocolPolicyType',
      PolicyAttributeDescriptions: attribute('ProxyProtocol', 'True'),
    },
    {
      PolicyName: 'key',
      PolicyTypeName: 'PublicKeyPolicyType',
      PolicyAttributeDescriptions: attribute('PublicKey', 'MIICiTCC'),
    },
    {
      PolicyName: 'auth',
      PolicyTypeName: 'BackendServerAuthenticationPolicyType',
      PolicyAttributeDescriptions: attribute('PublicKeyPolicyName', 'key'),
    },
  ])
  const { Policies } = await region.describe(LoadBalancerName)
  expect(Policies).toEqual({
    AppCookieStickinessPolicies: [{ PolicyName: 'app', CookieName: 'my-app-cookie' }],
    LBCookieStickinessPolicies: [
      { PolicyName: 'duration', CookieExpirationPeriod: 60 },
      { PolicyName: 'session', CookieExpirationPeriod: 0 },
    ],
    OtherPolicies: ['ELBSecurityPolicy-2016-08', 'proxy', 'key', 'auth'],
  })
})

test('the same policy again is no error, other content under its name is', async () => {
  const region = await withLoadBalancer()
  await proxyProtocol(region, 'proxy')
  await proxyProtocol(region, 'proxy')
  await expect(proxyProtocol(region, 'proxy', 'false')).rejects.toMatchObject({
    name: 'DuplicatePolicyNameException',
    message: 'Policy Name [proxy] already exists.',
  })
})

test.each([
  [
    'my_policy',
    'ValidationError',
    'Policy name cannot contain characters that are not letters, or digits or the dash.',
  ],
  ['ELBSecurityPolicy-mine', 'InvalidConfigurationRequestException', 'is reserved'],
  ['ELBSample-mine', 'InvalidConfigurationRequestException', 'is reserved'],
])('the policy name %s is refused', async (policyName, name, message) => {
  const region = await withLoadBalancer()
  await expect(proxyProtocol(region, policyName)).rejects.toMatchObject({
    name,
    message: expect.stringContaining(message),
  })
})

test.each([
  ['NoSuchType', {}, 'PolicyTypeNotFoundException'],
  ['ProxyProtocolPolicyType', {}, refusedChange.name],
  ['ProxyProtocolPolicyType', { ProxyProtocol: 'maybe' }, refusedChange.name],
  ['ProxyProtocolPolicyType', { ProxyProtocol: 'true', Other: '1' }, refusedChange.name],
  ['LBCookieStickinessPolicyType', { CookieExpirationPeriod: '-1' }, refusedChange.name],
  ['LBCookieStickinessPolicyType', { CookieExpirationPeriod: 'long' }, refusedChange.name],
  ['AppCookieStickinessPolicyType', { CookieName: 'a=b; c' }, refusedChange.name],
  ['AppCookieStickinessPolicyType', {}, refusedChange.name],
  ['BackendServerAuthenticationPolicyType', { PublicKeyPolicyName: 'none' }, refusedChange.name],
  ['SSLNegotiationPolicyType', { 'Reference-Security-Policy': 'None' }, refusedChange.name],
  ['SSLNegotiationPolicyType', { 'Protocol-TLSv1.2': 'true' }, refusedChange.name],
  ['SSLNegotiationPolicyType', { 'AES128-SHA': 'true' }, refusedChange.name],
  ['SSLNegotiationPolicyType', { 'Protocol-TLSv9': 'true' }, refusedChange.name],
  [
    'SSLNegotiationPolicyType',
    { 'Reference-Security-Policy': 'ELBSecurityPolicy-2016-08', 'RC4-SHA': 'true' },
    refusedChange.name,
  ],
])('a policy of type %s with %o is refused with %s', async (type, attributes, name) => {
  const region = await withLoadBalancer()
  await expect(create(region, 'p', type, attributes)).rejects.toMatchObject({ name })
})

test('a custom SSL policy is described with all 94 switches', async () => {
  const region = await withLoadBalancer()
  await create(region, 'custom', 'SSLNegotiationPolicyType', {
    'DHE-RSA-AES256-SHA256': 'true',
    'Protocol-TLSv1.2': 'true',
    'Server-Defined-Cipher-Order': 'false',
  })
  const { PolicyAttributeDescriptions: attributes = [] } = await described(region, 'custom')
  expect(attributes).toHaveLength(94)
  expect(attributes.slice(0, 6).map(({ AttributeName }) => AttributeName)).toEqual([
    'Protocol-SSLv2',
    'Protocol-TLSv1',
    'Protocol-SSLv3',
    'Protocol-TLSv1.1',
    'Protocol-TLSv1.2',
    'Server-Defined-Cipher-Order',
  ])
  const on = attributes.filter(({ AttributeValue }) => AttributeValue === 'true')
  expect(on.map(({ AttributeName }) => AttributeName)).toEqual([
    'Protocol-TLSv1.2',
    'DHE-RSA-AES256-SHA256',
  ])
})

test('an SSL policy that refers to a predefined one has its reference first, and can be sent back as described', async () => {
  const region = await withLoadBalancer()
  const reference = { 'Reference-Security-Policy': 'ELBSecurityPolicy-TLS-1-2-2017-01' }
  await create(region, 'modern', 'SSLNegotiationPolicyType', reference)
  const { PolicyAttributeDescriptions: attributes = [] } = await described(region, 'modern')
  expect(attributes).toHaveLength(95)
  expect(attributes[0]).toEqual({
    AttributeName: 'Reference-Security-Policy',
    AttributeValue: 'ELBSecurityPolicy-TLS-1-2-2017-01',
  })
  expect(attributeOf(attributes, 'Protocol-TLSv1')).toBe('false')
  expect(attributeOf(attributes, 'AES256-SHA256')).toBe('true')
  expect(attributeOf(attributes, 'AES256-SHA')).toBe('false')
  await region.elb.createLoadBalancerPolicy({
    LoadBalancerName,
    PolicyName: 'modern',
    PolicyTypeName: 'SSLNegotiationPolicyType',
    PolicyAttributes: attributes,
  })
})

test('an SSL policy without attributes has those of the default policy', async () => {
  const region = await withLoadBalancer()
  await create(region, 'plain', 'SSLNegotiationPolicyType')
  const plain = await described(region, 'plain')
  const standard = await described(region, 'ELBSecurityPolicy-2016-08')
  expect(plain.PolicyAttributeDescriptions).toEqual(standard.PolicyAttributeDescriptions!.slice(1))
})

test('without a load balancer the sample policies are described, in the order of the guide', async () => {
  const { elb } = api.region()
  const { PolicyDescriptions = [] } = await elb.describeLoadBalancerPolicies({})
  expect(PolicyDescriptions.map(({ PolicyName }) => PolicyName)).toEqual([
    'ELBSecurityPolicy-2016-08',
    'ELBSecurityPolicy-TLS-1-2-2017-01',
    'ELBSecurityPolicy-TLS-1-1-2017-01',
    'ELBSecurityPolicy-2015-05',
    'ELBSecurityPolicy-2015-03',
    'ELBSecurityPolicy-2015-02',
    'ELBSecurityPolicy-2014-10',
    'ELBSecurityPolicy-2014-01',
    'ELBSecurityPolicy-2011-08',
    'ELBSample-ELBDefaultCipherPolicy',
    'ELBSample-OpenSSLDefaultCipherPolicy',
  ])
  const named = await elb.describeLoadBalancerPolicies({
    PolicyNames: ['ELBSecurityPolicy-2015-05'],
  })
  const [old] = named.PolicyDescriptions!
  expect(attributeOf(old!.PolicyAttributeDescriptions, 'DES-CBC3-SHA')).toBe('true')
  await expect(elb.describeLoadBalancerPolicies({ PolicyNames: ['none'] })).rejects.toMatchObject({
    name: 'PolicyNotFoundException',
  })
})

test('policy types are described in AWS’s order, all or by name', async () => {
  const { elb } = api.region()
  const { PolicyTypeDescriptions = [] } = await elb.describeLoadBalancerPolicyTypes({})
  expect(PolicyTypeDescriptions.map(({ PolicyTypeName }) => PolicyTypeName)).toEqual([
    'AppCookieStickinessPolicyType',
    'LBCookieStickinessPolicyType',
    'SSLNegotiationPolicyType',
    'BackendServerAuthenticationPolicyType',
    'ProxyProtocolPolicyType',
    'PublicKeyPolicyType',
  ])
  expect(PolicyTypeDescriptions[2]!.PolicyAttributeTypeDescriptions).toHaveLength(95)
  const one = await elb.describeLoadBalancerPolicyTypes({
    PolicyTypeNames: ['ProxyProtocolPolicyType'],
  })
  expect(one.PolicyTypeDescriptions).toEqual([
    {
      PolicyTypeName: 'ProxyProtocolPolicyType',
      Description:
        'Policy that controls whether to include the IP address and port of the originating request for TCP messages. This policy operates on TCP/SSL listeners only',
      PolicyAttributeTypeDescriptions: [
        { AttributeName: 'ProxyProtocol', AttributeType: 'Boolean', Cardinality: 'ONE' },
      ],
    },
  ])
  await expect(
    elb.describeLoadBalancerPolicyTypes({ PolicyTypeNames: ['none'] }),
  ).rejects.toMatchObject({ name: 'PolicyTypeNotFoundException' })
})

test('policies of a listener are replaced; the security policy of an HTTPS listener stays until another is named', async () => {
  const region = await withLoadBalancer()
  const { elb } = region
  await elb.createLBCookieStickinessPolicy({ LoadBalancerName, PolicyName: 'duration' })
  await elb.createAppCookieStickinessPolicy({
    LoadBalancerName,
    PolicyName: 'app',
    CookieName: 'c',
  })
  await create(region, 'ssl', 'SSLNegotiationPolicyType')
  await setOfListener(region, 80, ['app'])
  await setOfListener(region, 80, ['duration'])
  expect(await policiesOf(region, 80)).toEqual(['duration'])
  await setOfListener(region, 443, ['duration'])
  expect(await policiesOf(region, 443)).toEqual(['duration', 'ELBSecurityPolicy-2016-08'])
  await setOfListener(region, 443, ['ssl'])
  expect(await policiesOf(region, 443)).toEqual(['ssl'])
  await setOfListener(region, 443, [])
  expect(await policiesOf(region, 443)).toEqual([])
})

test('a listener takes only policies that fit it', async () => {
  const region = await withLoadBalancer()
  const { elb } = region
  await elb.createLBCookieStickinessPolicy({ LoadBalancerName, PolicyName: 'duration' })
  await elb.createLBCookieStickinessPolicy({ LoadBalancerName, PolicyName: 'session' })
  await create(region, 'ssl', 'SSLNegotiationPolicyType')
  await proxyProtocol(region, 'proxy')
  await expect(setOfListener(region, 25, ['proxy'])).rejects.toMatchObject({
    ...refusedChange,
    message: 'proxy cannot be enabled',
  })
  await expect(setOfListener(region, 25, ['duration'])).rejects.toMatchObject(refusedChange)
  await expect(setOfListener(region, 80, ['ssl'])).rejects.toMatchObject(refusedChange)
  await expect(setOfListener(region, 80, ['duration', 'session'])).rejects.toMatchObject(
    refusedChange,
  )
  await expect(
    setOfListener(region, 443, ['ssl', 'ELBSecurityPolicy-2016-08']),
  ).rejects.toMatchObject(refusedChange)
  await expect(setOfListener(region, 81, [])).rejects.toMatchObject({
    name: 'ListenerNotFoundException',
  })
  await expect(setOfListener(region, 80, ['none'])).rejects.toMatchObject({
    name: 'PolicyNotFoundException',
    message: 'There is no policy with name none for load balancer my-loadbalancer',
  })
})

test.each([
  ['a protocol that nobody speaks any more', ['Protocol-SSLv3', 'AES128-SHA']],
  ['ciphers that OpenSSL has left out', ['Protocol-TLSv1.2', 'DES-CBC3-SHA', 'RC4-SHA']],
  ['ciphers that are newer than its protocols', ['Protocol-TLSv1.1', 'AES128-GCM-SHA256']],
  ['ciphers for certificates of DSA keys', ['Protocol-TLSv1', 'DHE-DSS-AES128-SHA']],
])('a policy with nothing but %s can be had, and not enabled', async (_, switches) => {
  const region = await withLoadBalancer()
  const on = Object.fromEntries(switches.map((name) => [name, 'true']))
  await create(region, 'old', 'SSLNegotiationPolicyType', on)
  const { PolicyAttributeDescriptions } = await described(region, 'old')
  for (const name of switches) expect(attributeOf(PolicyAttributeDescriptions, name)).toBe('true')
  const refusal = `old cannot be enabled on the HTTPS listener with LoadBalancerPort 443: none of its ciphers can be negotiated in any of its protocols: ${switches.join(', ')}`
  await expect(setOfListener(region, 443, ['old'])).rejects.toMatchObject({
    ...refusedChange,
    message: refusal,
  })
  expect(await policiesOf(region, 443)).toEqual(['ELBSecurityPolicy-2016-08'])
})

test('policies of an instance port are replaced, and a port without any disappears', async () => {
  const region = await withLoadBalancer()
  await proxyProtocol(region, 'proxy')
  await setForBackend(region, 2525, ['proxy'])
  await setForBackend(region, 8081, ['proxy'])
  expect((await region.describe(LoadBalancerName)).BackendServerDescriptions).toEqual([
    { InstancePort: 2525, PolicyNames: ['proxy'] },
    { InstancePort: 8081, PolicyNames: ['proxy'] },
  ])
  await setForBackend(region, 2525, [])
  expect((await region.describe(LoadBalancerName)).BackendServerDescriptions).toEqual([
    { InstancePort: 8081, PolicyNames: ['proxy'] },
  ])
})

test('an HTTP instance port takes a proxy protocol policy, as Ansible enables it', async () => {
  const region = await withLoadBalancer()
  await proxyProtocol(region, 'proxy')
  await setForBackend(region, 80, ['proxy'])
  expect((await region.describe(LoadBalancerName)).BackendServerDescriptions).toEqual([
    { InstancePort: 80, PolicyNames: ['proxy'] },
  ])
})

test('an instance port takes only policies that fit its listeners', async () => {
  const region = await withLoadBalancer()
  const { elb } = region
  await proxyProtocol(region, 'proxy')
  await create(region, 'key', 'PublicKeyPolicyType', { PublicKey: 'MIICiTCC' })
  await create(region, 'auth', 'BackendServerAuthenticationPolicyType', {
    PublicKeyPolicyName: 'key',
  })
  await expect(setForBackend(region, 80, ['auth'])).rejects.toMatchObject(refusedChange)
  await expect(setForBackend(region, 2525, ['auth'])).rejects.toMatchObject(refusedChange)
  await expect(setForBackend(region, 2525, ['key'])).rejects.toMatchObject({
    ...refusedChange,
    message: 'key cannot be enabled',
  })
  await expect(setForBackend(region, 2525, ['none'])).rejects.toMatchObject({
    name: 'PolicyNotFoundException',
  })
  await expect(setForBackend(region, 0, ['proxy'])).rejects.toMatchObject({
    name: 'ValidationError',
  })
  await elb.createLoadBalancerListeners({
    LoadBalancerName,
    Listeners: [
      { ...https443, LoadBalancerPort: 8443, InstanceProtocol: 'HTTPS', InstancePort: 443 },
    ],
  })
  await setForBackend(region, 443, ['auth'])
})

test('a policy in use, or named by one in use, cannot be deleted', async () => {
  const region = await withLoadBalancer()
  const { elb } = region
  const remove = (PolicyName: string) =>
    elb.deleteLoadBalancerPolicy({ LoadBalancerName, PolicyName })
  const inUse = (name: string) => ({
    ...refusedChange,
    message: `You cannot delete policy [${name}] since it is enabled or referred by other enabled policy.`,
    $metadata: { httpStatusCode: 409 },
  })
  await create(region, 'key', 'PublicKeyPolicyType', { PublicKey: 'MIICiTCC' })
  await create(region, 'auth', 'BackendServerAuthenticationPolicyType', {
    PublicKeyPolicyName: 'key',
  })
  await setForBackend(region, 8443, ['auth'])
  await expect(remove('auth')).rejects.toMatchObject(inUse('auth'))
  await expect(remove('key')).rejects.toMatchObject(inUse('key'))
  await expect(remove('ELBSecurityPolicy-2016-08')).rejects.toMatchObject(
    inUse('ELBSecurityPolicy-2016-08'),
  )
  await setForBackend(region, 8443, [])
  await remove('auth')
  await remove('key')
  await remove('key')
  await elb.deleteLoadBalancerListeners({ LoadBalancerName, LoadBalancerPorts: [443] })
  await remove('ELBSecurityPolicy-2016-08')
  const { PolicyDescriptions } = await elb.describeLoadBalancerPolicies({ LoadBalancerName })
  expect(PolicyDescriptions).toEqual([])
})

test('concurrent policies are all kept, up to the limit', async () => {
  const region = await withLoadBalancer()
  const results = await Promise.allSettled(
    Array.from({ length: 100 }, (_, i) => proxyProtocol(region, `p-${i}`)),
  )
  const refused = results.filter((result) => result.status === 'rejected')
  expect(refused).toHaveLength(3)
  expect(refused[0]!.reason).toMatchObject({ name: 'TooManyPoliciesException' })
  const { PolicyDescriptions } = await region.elb.describeLoadBalancerPolicies({
    LoadBalancerName,
  })
  expect(PolicyDescriptions).toHaveLength(98)
})
