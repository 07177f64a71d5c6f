import { afterAll, beforeAll, expect, test } from 'vitest'
import { certificate, ElbApi, https443, type TestRegion } from '../../../test/support/elb-api.ts'

let server: ElbApi

beforeAll(async () => {
  server = await ElbApi.start()
})

afterAll(() => server[Symbol.asyncDispose]())

const arnOf = (name: string) => `arn:aws:iam::123456789012:server-certificate${name}`

/** A load balancer with an HTTPS listener that has the certificate. */
async function uses(region: TestRegion, loadBalancer: string, name: string) {
  const listener = { ...https443, SSLCertificateId: arnOf(name) }
  await region.create(loadBalancer, [listener])
}

test.each([
  ['of a name that nothing has', arnOf('/none')],
  ['of another path', arnOf('/other/my-server-certificate')],
  ['of another account', certificate.replace('123456789012', '999999999999')],
  ['of another kind of resource', 'arn:aws:iam::123456789012:role/my-server-certificate'],
  ['of no shape at all', 'my-server-certificate'],
])('a listener is refused with the ARN %s', async (_, arn) => {
  const listener = { ...https443, SSLCertificateId: arn }
  await expect(server.region().create('refused', [listener])).rejects.toMatchObject({
    name: 'CertificateNotFoundException',
    message: `Server Certificate not found for the key: ${arn}`,
  })
})

test('a certificate stays as long as a listener of any region uses it', async () => {
  const [first, second] = [server.region(), server.region()]
  await server.upload('busy')
  await uses(first, 'one', '/busy')
  await uses(second, 'two', '/busy')
  const remove = () => server.iam.deleteServerCertificate({ ServerCertificateName: 'busy' })
  const inUse = (region: TestRegion, name: string) => ({
    name: 'DeleteConflictException',
    message: expect.stringMatching(
      `^Certificate: ASCA[A-Z2-7]{17} is currently in use by arn:aws:elasticloadbalancing:${region.name}:123456789012:loadbalancer/${name}\\. Please remove it first before deleting it from IAM\\.$`,
    ),
  })
  await expect(remove()).rejects.toMatchObject(inUse(first, 'one'))
  await first.elb.deleteLoadBalancer({ LoadBalancerName: 'one' })
  await expect(remove()).rejects.toMatchObject(inUse(second, 'two'))
  await second.elb.setLoadBalancerListenerSSLCertificate({
    LoadBalancerName: 'two',
    LoadBalancerPort: 443,
    SSLCertificateId: certificate,
  })
  await remove()
})

test('listeners follow a certificate that gets another name', async () => {
  const region = server.region()
  await server.upload('before')
  await uses(region, 'follower', '/before')
  await server.iam.updateServerCertificate({
    ServerCertificateName: 'before',
    NewServerCertificateName: 'after',
    NewPath: '/web/',
  })
  const { ListenerDescriptions } = await region.describe('follower')
  expect(ListenerDescriptions?.[0]?.Listener?.SSLCertificateId).toBe(arnOf('/web/after'))
})

test('of a certificate that is deleted while listeners are made, no listener is left', async () => {
  const region = server.region()
  for (const round of [1, 2, 3, 4, 5]) {
    const name = `race-${round}`
    await server.upload(name)
    const outcomes = await Promise.allSettled([
      server.iam.deleteServerCertificate({ ServerCertificateName: name }),
      uses(region, name, `/${name}`),
    ])
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  }
})
