/** Certificates and HTTPS listeners: pages 39–40, 52–57 and 59–68 of the guide. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ImportCertificateCommand } from '@aws-sdk/client-acm'
import { UploadServerCertificateCommand } from '@aws-sdk/client-iam'
import { expect } from 'vitest'
import { CertificateAuthority, selfSigned } from '../support/certificate-authority.ts'
import { eventually } from '../support/eventually.ts'
import type { Weir } from '../support/weir.ts'
import { createLoadBalancer, type Guide, guideTests, httpListener } from './guide.ts'

const test = guideTests()

const bytes = (text: string) => new TextEncoder().encode(text)

/** Uploads a certificate to IAM. @returns its ARN */
async function uploaded({ iam }: Weir, name = 'my-server-certificate'): Promise<string> {
  const { certificate: CertificateBody, privateKey: PrivateKey } = await selfSigned()
  const command = { ServerCertificateName: name, CertificateBody, PrivateKey }
  await iam.send(new UploadServerCertificateCommand(command))
  return `arn:aws:iam::123456789012:server-certificate/${name}`
}

/** Imports a certificate into ACM. @returns its ARN */
async function imported({ acm }: Weir): Promise<string> {
  const root = await CertificateAuthority.create()
  const { certificate, privateKey } = await root.server({ key: 'RSA-2048' })
  const command = { Certificate: bytes(certificate), PrivateKey: bytes(privateKey) }
  const { CertificateArn = '' } = await acm.send(new ImportCertificateCommand(command))
  return CertificateArn
}

async function listeners({ aws }: Guide, name = 'my-loadbalancer'): Promise<unknown> {
  const answer = (await aws.json(
    `aws elb describe-load-balancers --load-balancer-name ${name}`,
  )) as { LoadBalancerDescriptions: { ListenerDescriptions: unknown }[] }
  return answer.LoadBalancerDescriptions[0]?.ListenerDescriptions
}

function https(SSLCertificateId: string, changes: object = {}) {
  return {
    InstancePort: 80,
    SSLCertificateId,
    LoadBalancerPort: 443,
    Protocol: 'HTTPS',
    InstanceProtocol: 'HTTP',
    ...changes,
  }
}

test('uploads a certificate to IAM, and imports one into ACM (page 40)', async ({
  aws,
  folder,
}) => {
  const root = await CertificateAuthority.create()
  const { certificate, privateKey } = await root.server({ key: 'RSA-2048' })
  const files = { 'cert.pem': certificate, 'key.pem': privateKey, 'chain.pem': root.certificate }
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)

  const Arn = 'arn:aws:iam::123456789012:server-certificate/my-server-certificate'
  const metadata = { ServerCertificateName: 'my-server-certificate', Path: '/', Arn }
  expect(
    await aws.json(
      'aws iam upload-server-certificate --server-certificate-name my-server-certificate --certificate-body file://cert.pem --certificate-chain file://chain.pem --private-key file://key.pem',
    ),
  ).toMatchObject({ ServerCertificateMetadata: metadata })
  expect(await aws.json('aws iam list-server-certificates')).toMatchObject({
    ServerCertificateMetadataList: [metadata],
  })

  const { CertificateArn } = (await aws.json(
    'aws acm import-certificate --certificate fileb://cert.pem --certificate-chain fileb://chain.pem --private-key fileb://key.pem',
  )) as { CertificateArn: string }
  expect(await aws.json('aws acm list-certificates')).toMatchObject({
    CertificateSummaryList: [{ CertificateArn, DomainName: 'www.example.com' }],
  })
  expect(
    await aws.json(`aws acm describe-certificate --certificate-arn ${CertificateArn}`),
  ).toMatchObject({ Certificate: { Status: 'ISSUED', Type: 'IMPORTED', InUseBy: [] } })
})

test('creates an HTTPS load balancer, which has the default policy (pages 52–53)', async (guide) => {
  const { aws, weir } = guide
  for (const arn of [await uploaded(weir), await imported(weir)]) {
    const name = arn.startsWith('arn:aws:acm:us-west-2:') ? 'my-acm-balancer' : 'my-load-balancer'
    expect(
      await aws.json(
        `aws elb create-load-balancer --load-balancer-name ${name} --listeners "Protocol=http,LoadBalancerPort=80,InstanceProtocol=http,InstancePort=80" "Protocol=https,LoadBalancerPort=443,InstanceProtocol=http,InstancePort=80,SSLCertificateId="${arn} --availability-zones us-west-2a`,
      ),
    ).toEqual({
      DNSName: expect.stringMatching(`^${name}-\\d+\\.us-west-2\\.elb\\.amazonaws\\.com$`),
    })
    expect(await listeners(guide, name)).toEqual([
      { Listener: httpListener, PolicyNames: [] },
      { Listener: https(arn), PolicyNames: ['ELBSecurityPolicy-2016-08'] },
    ])
  }
})

test('adds an HTTPS listener (pages 61–62)', async (guide) => {
  const { aws, weir } = guide
  await createLoadBalancer(weir)
  const arn = await uploaded(weir)
  expect(
    await aws.json(
      `aws elb create-load-balancer-listeners --load-balancer-name my-loadbalancer --listeners Protocol=HTTPS,LoadBalancerPort=443,InstanceProtocol=HTTP,InstancePort=80,SSLCertificateId=${arn}`,
    ),
  ).toBeNull()
  expect(await listeners(guide)).toEqual([
    { Listener: httpListener, PolicyNames: [] },
    { Listener: https(arn), PolicyNames: ['ELBSecurityPolicy-2016-08'] },
  ])
})

/** With a listener that speaks HTTPS to instances too. @returns the certificate's ARN */
async function endToEnd({ aws, weir }: Guide): Promise<string> {
  await createLoadBalancer(weir)
  const arn = await uploaded(weir)
  await aws.json(
    `aws elb create-load-balancer-listeners --load-balancer-name my-loadbalancer --listeners Protocol=HTTPS,LoadBalancerPort=443,InstanceProtocol=HTTPS,InstancePort=443,SSLCertificateId=${arn}`,
  )
  return arn
}

test('sets up back-end instance authentication on an HTTPS listener (pages 56–57, 61)', async (guide) => {
  const { aws } = guide
  await endToEnd(guide)
  const { publicKey } = await selfSigned()
  for (const command of [
    `create-load-balancer-policy --load-balancer-name my-loadbalancer --policy-name my-PublicKey-policy --policy-type-name PublicKeyPolicyType --policy-attributes AttributeName=PublicKey,AttributeValue=${publicKey}`,
    'create-load-balancer-policy --load-balancer-name my-loadbalancer --policy-name my-authentication-policy --policy-type-name BackendServerAuthenticationPolicyType --policy-attributes AttributeName=PublicKeyPolicyName,AttributeValue=my-PublicKey-policy',
    'set-load-balancer-policies-for-backend-server --load-balancer-name my-loadbalancer --instance-port 443 --policy-names my-authentication-policy',
  ]) {
    expect(await aws.json(`aws elb ${command}`)).toBeNull()
  }
  const described = await aws.json(
    'aws elb describe-load-balancers --load-balancer-name my-loadbalancer',
  )
  expect(described).toMatchObject({
    LoadBalancerDescriptions: [
      {
        BackendServerDescriptions: [
          { InstancePort: 443, PolicyNames: ['my-authentication-policy'] },
        ],
      },
    ],
  })
})

test('replaces the SSL certificate by one of ACM and one of IAM (page 63)', async (guide) => {
  const { aws, weir } = guide
  await createLoadBalancer(weir, { listener: https(await uploaded(weir)) })
  const set = (arn: string) =>
    aws.json(
      `aws elb set-load-balancer-listener-ssl-certificate --load-balancer-name my-loadbalancer --load-balancer-port 443 --ssl-certificate-id ${arn}`,
    )
  const { CertificateArn: acm } = (await aws.json(
    'aws acm request-certificate --domain-name www.example.com',
  )) as { CertificateArn: string }
  await eventually('the certificate', async () =>
    (await aws.text(`aws acm describe-certificate --certificate-arn ${acm}`)).includes('"ISSUED"'),
  )
  expect(await set(acm)).toBeNull()
  expect(await listeners(guide)).toMatchObject([{ Listener: https(acm) }])

  const iam = await uploaded(weir, 'my-new-certificate')
  expect(
    await aws.json('aws iam get-server-certificate --server-certificate-name my-new-certificate'),
  ).toMatchObject({
    ServerCertificate: {
      ServerCertificateMetadata: { Arn: iam },
      CertificateBody: expect.stringMatching(/^-----BEGIN CERTIFICATE-----/),
    },
  })
  expect(await set(iam)).toBeNull()
  expect(await listeners(guide)).toMatchObject([{ Listener: https(iam) }])
})

for (const [policy, attributes] of [
  [
    'a predefined security policy (pages 54, 66)',
    'AttributeName=Reference-Security-Policy,AttributeValue=ELBSecurityPolicy-2016-08',
  ],
  [
    'a custom security policy (pages 55, 67)',
    'AttributeName=Protocol-TLSv1.2,AttributeValue=true AttributeName=Protocol-TLSv1.1,AttributeValue=true AttributeName=DHE-RSA-AES256-SHA256,AttributeValue=true AttributeName=Server-Defined-Cipher-Order,AttributeValue=true',
  ],
] as const) {
  test(`updates the SSL negotiation configuration to ${policy}`, async (guide) => {
    const { aws } = guide
    const arn = await endToEnd(guide)
    expect(
      await aws.json(
        `aws elb create-load-balancer-policy --load-balancer-name my-loadbalancer --policy-name my-SSLNegotiation-policy --policy-type-name SSLNegotiationPolicyType --policy-attributes ${attributes}`,
      ),
    ).toBeNull()
    expect(
      await aws.json(
        'aws elb set-load-balancer-policies-of-listener --load-balancer-name my-loadbalancer --load-balancer-port 443 --policy-names my-SSLNegotiation-policy',
      ),
    ).toBeNull()
    expect(await listeners(guide)).toContainEqual({
      Listener: https(arn, { InstanceProtocol: 'HTTPS', InstancePort: 443 }),
      PolicyNames: ['my-SSLNegotiation-policy'],
    })
  })
}

test('says that a certificate is not there (page 111)', async ({ aws, weir }) => {
  await createLoadBalancer(weir)
  const arn = 'arn:aws:iam::123456789012:server-certificate/none'
  const { exitCode, stderr } = await aws.run(
    `aws elb create-load-balancer-listeners --load-balancer-name my-loadbalancer --listeners Protocol=HTTPS,LoadBalancerPort=443,InstanceProtocol=HTTP,InstancePort=80,SSLCertificateId=${arn}`,
  )
  expect(exitCode).not.toBe(0)
  expect(stderr).toContain('An error occurred (CertificateNotFound)')
  expect(stderr).toContain(arn)
})
