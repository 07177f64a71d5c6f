/** Policies of all types, as far as they need no certificate: pages 53–57, 64–68 and 75–82 of the guide. The others: https.test.ts. */
import { expect } from 'vitest'
import { createLoadBalancer, type Guide, guideTests, httpListener, tcpListener } from './guide.ts'

const test = guideTests()

/** The guide's policies are for port 443; they go with an HTTP listener there too. */
const listener443 = { ...httpListener, LoadBalancerPort: 443, InstancePort: 443 }

const predefined = [
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
]

test('lists the predefined security policies (pages 54, 65)', async ({ aws }) => {
  expect(await aws.json('aws elb describe-load-balancer-policies')).toMatchObject({
    PolicyDescriptions: predefined.map((PolicyName) => ({ PolicyName })),
  })
  const table = await aws.text(
    "aws elb describe-load-balancer-policies --query 'PolicyDescriptions[?PolicyTypeName==`SSLNegotiationPolicyType`].{PolicyName:PolicyName}' --output table",
  )
  const cells = table.split('\n').flatMap((line) => /^\| +(\S+) +\|$/.exec(line)?.[1] ?? [])
  expect(cells).toEqual(['DescribeLoadBalancerPolicies', 'PolicyName', ...predefined])
})

test('describes a predefined security policy (page 66)', async ({ aws }) => {
  const table = await aws.text(
    'aws elb describe-load-balancer-policies --policy-names ELBSecurityPolicy-2016-08 --output table',
  )
  expect(table).toMatch(/ ELBSecurityPolicy-2016-08 /)
  expect(table).toMatch(/ Protocol-TLSv1\.2 +\| +true /)
  expect(table).toMatch(/ ECDHE-RSA-AES128-GCM-SHA256 +\| +true /)
  expect(table).toMatch(/ RC4-SHA +\| +false /)
})

test('creates an SSL negotiation policy of a predefined policy (pages 54, 66)', async (guide) => {
  const { aws, weir } = guide
  await createLoadBalancer(weir)
  expect(
    await aws.json(
      'aws elb create-load-balancer-policy --load-balancer-name my-loadbalancer --policy-name my-SSLNegotiation-policy --policy-type-name SSLNegotiationPolicyType --policy-attributes AttributeName=Reference-Security-Policy,AttributeValue=ELBSecurityPolicy-2016-08',
    ),
  ).toBeNull()
  const attributes = await sslAttributes(guide)
  expect(attributes.slice(0, 1)).toEqual([
    ['Reference-Security-Policy', 'ELBSecurityPolicy-2016-08'],
  ])
  expect(attributes).toContainEqual(['Protocol-TLSv1.2', 'true'])

  expect(
    await aws.json(
      'aws elb delete-load-balancer-policy --load-balancer-name my-loadbalancer --policy-name my-SSLNegotiation-policy',
    ),
  ).toBeNull()
})

test('creates a custom SSL negotiation policy (pages 55, 67)', async (guide) => {
  await createLoadBalancer(guide.weir)
  await guide.aws.json(
    'aws elb create-load-balancer-policy --load-balancer-name my-loadbalancer --policy-name my-SSLNegotiation-policy --policy-type-name SSLNegotiationPolicyType --policy-attributes AttributeName=Protocol-TLSv1.2,AttributeValue=true AttributeName=Protocol-TLSv1.1,AttributeValue=true AttributeName=DHE-RSA-AES256-SHA256,AttributeValue=true AttributeName=Server-Defined-Cipher-Order,AttributeValue=true',
  )
  const enabled = (await sslAttributes(guide)).filter(([, value]) => value === 'true')
  expect(enabled.map(([name]) => name)).toEqual([
    'Protocol-TLSv1.1',
    'Protocol-TLSv1.2',
    'Server-Defined-Cipher-Order',
    'DHE-RSA-AES256-SHA256',
  ])
})

test('creates public key and back-end authentication policies (pages 56–57)', async (guide) => {
  const { aws, weir } = guide
  const listener = { ...httpListener, InstanceProtocol: 'HTTPS', InstancePort: 443 }
  await createLoadBalancer(weir, { listener })
  const publicKey =
    'MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAMaK0dn+a4GmWIWJ21uUSfwfEvySWtC2XADZ4nB+BLyGVIk60CpiwsZ3G93vUEIO3IyNoH/f0wYK8m9TrDHudUZg3qX4waLG5M43q7WgcMbQITxOUSQv7c7ugFFDzQGBZzsw='
  await aws.json(
    `aws elb create-load-balancer-policy --load-balancer-name my-loadbalancer --policy-name my-PublicKey-policy --policy-type-name PublicKeyPolicyType --policy-attributes AttributeName=PublicKey,AttributeValue=${publicKey}`,
  )
  await aws.json(
    'aws elb create-load-balancer-policy --load-balancer-name my-loadbalancer --policy-name my-authentication-policy --policy-type-name BackendServerAuthenticationPolicyType --policy-attributes AttributeName=PublicKeyPolicyName,AttributeValue=my-PublicKey-policy',
  )
  expect(
    await aws.json(
      'aws elb set-load-balancer-policies-for-backend-server --load-balancer-name my-loadbalancer --instance-port 443 --policy-names my-authentication-policy',
    ),
  ).toBeNull()
  const authentication = {
    PolicyName: 'my-authentication-policy',
    PolicyTypeName: 'BackendServerAuthenticationPolicyType',
    PolicyAttributeDescriptions: [
      { AttributeName: 'PublicKeyPolicyName', AttributeValue: 'my-PublicKey-policy' },
    ],
  }
  expect(
    await aws.json('aws elb describe-load-balancer-policies --load-balancer-name my-loadbalancer'),
  ).toEqual({
    PolicyDescriptions: [
      {
        PolicyName: 'my-PublicKey-policy',
        PolicyTypeName: 'PublicKeyPolicyType',
        PolicyAttributeDescriptions: [{ AttributeName: 'PublicKey', AttributeValue: publicKey }],
      },
      authentication,
    ],
  })
  expect(
    await aws.json(
      'aws elb describe-load-balancer-policies --load-balancer-name my-loadbalancer --policy-names my-authentication-policy',
    ),
  ).toEqual({ PolicyDescriptions: [authentication] })
})

test('enables and disables proxy protocol (pages 76–78)', async (guide) => {
  const { aws, weir } = guide
  await createLoadBalancer(weir, { listener: tcpListener })
  const types = await aws.json('aws elb describe-load-balancer-policy-types')
  expect(types).toMatchObject({
    PolicyTypeDescriptions: expect.arrayContaining([
      {
        PolicyAttributeTypeDescriptions: [
          { Cardinality: 'ONE', AttributeName: 'ProxyProtocol', AttributeType: 'Boolean' },
        ],
        PolicyTypeName: 'ProxyProtocolPolicyType',
        Description:
          'Policy that controls whether to include the IP address and port of the originating request for TCP messages. This policy operates on TCP/SSL listeners only',
      },
    ]),
  })

  for (const name of ['my-ProxyProtocol-policy', 'my-existing-policy']) {
    await aws.json(
      `aws elb create-load-balancer-policy --load-balancer-name my-loadbalancer --policy-name ${name} --policy-type-name ProxyProtocolPolicyType --policy-attributes AttributeName=ProxyProtocol,AttributeValue=true`,
    )
  }
  await aws.json(
    'aws elb set-load-balancer-policies-for-backend-server --load-balancer-name my-loadbalancer --instance-port 80 --policy-names my-ProxyProtocol-policy my-existing-policy',
  )
  expect(await description(guide)).toMatchObject({
    BackendServerDescriptions: [
      { InstancePort: 80, PolicyNames: ['my-ProxyProtocol-policy', 'my-existing-policy'] },
    ],
  })

  await aws.json(
    'aws elb set-load-balancer-policies-for-backend-server --load-balancer-name my-loadbalancer --instance-port 80 --policy-names my-existing-policy',
  )
  expect(await description(guide)).toMatchObject({
    BackendServerDescriptions: [{ InstancePort: 80, PolicyNames: ['my-existing-policy'] }],
  })
  await aws.json(
    'aws elb set-load-balancer-policies-for-backend-server --load-balancer-name my-loadbalancer --instance-port 80 --policy-names "[]"',
  )
  expect(await description(guide)).toMatchObject({ BackendServerDescriptions: [] })
})

test('enables duration-based session stickiness (pages 79–80)', async (guide) => {
  const { aws, weir } = guide
  await createLoadBalancer(weir, { listener: listener443 })
  expect(
    await aws.json(
      'aws elb create-lb-cookie-stickiness-policy --load-balancer-name my-loadbalancer --policy-name my-duration-cookie-policy --cookie-expiration-period 60',
    ),
  ).toBeNull()
  expect(
    await aws.json(
      'aws elb set-load-balancer-policies-of-listener --load-balancer-name my-loadbalancer --load-balancer-port 443 --policy-names my-duration-cookie-policy',
    ),
  ).toBeNull()
  expect(await description(guide)).toMatchObject({
    ListenerDescriptions: [{ Listener: listener443, PolicyNames: ['my-duration-cookie-policy'] }],
    Policies: {
      LBCookieStickinessPolicies: [
        { PolicyName: 'my-duration-cookie-policy', CookieExpirationPeriod: 60 },
      ],
      AppCookieStickinessPolicies: [],
      OtherPolicies: [],
    },
  })
})

test('enables application-controlled session stickiness (pages 81–82)', async (guide) => {
  const { aws, weir } = guide
  await createLoadBalancer(weir, { listener: listener443 })
  await aws.json(
    'aws elb create-app-cookie-stickiness-policy --load-balancer-name my-loadbalancer --policy-name my-app-cookie-policy --cookie-name my-app-cookie',
  )
  await aws.json(
    'aws elb set-load-balancer-policies-of-listener --load-balancer-name my-loadbalancer --load-balancer-port 443 --policy-names my-app-cookie-policy',
  )
  expect(await description(guide)).toMatchObject({
    ListenerDescriptions: [{ Listener: listener443, PolicyNames: ['my-app-cookie-policy'] }],
    Policies: {
      LBCookieStickinessPolicies: [],
      AppCookieStickinessPolicies: [
        { PolicyName: 'my-app-cookie-policy', CookieName: 'my-app-cookie' },
      ],
      OtherPolicies: [],
    },
  })
})

async function description({ aws }: Guide): Promise<unknown> {
  const answer = (await aws.json(
    'aws elb describe-load-balancers --load-balancer-name my-loadbalancer',
  )) as { LoadBalancerDescriptions: unknown[] }
  return answer.LoadBalancerDescriptions[0]
}

/** Of `my-SSLNegotiation-policy`, in the order of the answer. */
async function sslAttributes({ aws }: Guide): Promise<string[][]> {
  const answer = (await aws.json(
    'aws elb describe-load-balancer-policies --load-balancer-name my-loadbalancer --policy-name my-SSLNegotiation-policy',
  )) as {
    PolicyDescriptions: {
      PolicyName: string
      PolicyTypeName: string
      PolicyAttributeDescriptions: { AttributeName: string; AttributeValue: string }[]
    }[]
  }
  const [policy] = answer.PolicyDescriptions
  expect(policy).toMatchObject({
    PolicyName: 'my-SSLNegotiation-policy',
    PolicyTypeName: 'SSLNegotiationPolicyType',
  })
  const descriptions = policy?.PolicyAttributeDescriptions ?? []
  return descriptions.map(({ AttributeName, AttributeValue }) => [AttributeName, AttributeValue])
}
