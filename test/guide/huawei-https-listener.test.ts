/** "Adding an HTTPS Listener" of Huawei Cloud's user guide, step by step, with requests that its SDK signs. */
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DescribeSubnetsCommand, EC2Client } from '@aws-sdk/client-ec2'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CertificateAuthority } from '../support/certificate-authority.ts'

import { eventually } from '../support/eventually.ts'
import { HuaweiClient, type HuaweiKey, refusal } from '../support/huawei.ts'
import { ask } from '../support/web-client.ts'
import { Weir } from '../support/weir.ts'

const running = new AsyncDisposableStack()
let weir: Weir
let key: HuaweiKey
let huawei: HuaweiClient
let subnetId: string

/** What the first start prints. */
function rootKey(output: string): HuaweiKey {
  const [, accessKeyId = ''] = /AWS_ACCESS_KEY_ID=(\S+)/.exec(output) ?? []
  const [, secretAccessKey = ''] = /AWS_SECRET_ACCESS_KEY=(\S+)/.exec(output) ?? []
  return { accessKeyId, secretAccessKey }
}

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'weir-huawei-'))
  running.defer(() => rm(folder, { recursive: true }))
  const args = ['--data', join(folder, 'data'), '--key-file', join(folder, 'key')]
  weir = running.use(await Weir.start({ dev: false, args }))
  key = rootKey(weir.output())
  huawei = new HuaweiClient(weir.api, key)
  const ec2 = new EC2Client({ endpoint: weir.api, region: weir.region, credentials: key })
  running.defer(() => ec2.destroy())
  const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({}))
  subnetId =
    Subnets.find(({ AvailabilityZone }) => AvailabilityZone === 'us-west-2a')?.SubnetId ?? ''
})

afterAll(() => running.disposeAsync())

test('the steps of the page end in an HTTPS listener that serves a client', async () => {
  const server = createServer((request, response) => {
    response.end(`${request.url} for ${request.headers['x-forwarded-for']}`)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  running.defer(() => void server.close())
  const { port } = server.address() as AddressInfo

  // Steps 1 to 4: a load balancer.
  const balancer = await huawei.create('loadbalancers', 'loadbalancer', {
    name: 'elb-page',
    availability_zone_list: ['us-west-2a'],
    vip_subnet_cidr_id: subnetId,
    ip_target_enable: true,
  })
  // Step 5: the listener of Table 1.
  const root = await CertificateAuthority.create()
  const { certificate, privateKey } = await root.server({ names: ['www.example.com'] })
  const stored = await huawei.create('certificates', 'certificate', {
    name: 'www',
    certificate,
    private_key: privateKey,
  })
  const listener = await huawei.create('listeners', 'listener', {
    loadbalancer_id: balancer.id,
    name: 'https',
    protocol: 'HTTPS',
    protocol_port: 8443,
    default_tls_container_ref: stored.id,
  })
  // Step 6: the backend server group with its servers and its health check.
  const pool = await huawei.create('pools', 'pool', {
    listener_id: listener.id,
    protocol: 'HTTP',
    lb_algorithm: 'ROUND_ROBIN',
  })
  const member = await huawei.create(`pools/${pool.id}/members`, 'member', {
    address: '127.0.0.1',
    protocol_port: port,
  })
  await huawei.create('healthmonitors', 'healthmonitor', {
    pool_id: pool.id,
    type: 'HTTP',
    delay: 1,
    timeout: 1,
    max_retries: 1,
  })
  // Steps 7 and 8: it is there, and serves.
  await eventually('the member is online', async () => {
    const { member: shown } = await huawei.get(`pools/${pool.id}/members/${member.id}`)
    return shown.operating_status === 'ONLINE'
  })
  const answer = await ask('https://www.example.com:8443/hello', balancer.vip_address, {
    ca: root.certificate,
  })
  expect(answer).toMatchObject({ status: 200, body: '/hello for 127.0.0.1' })
})

test('a request that is not signed, or with another secret, is refused', async () => {
  const unsigned = await fetch(`${weir.api}/v3/${'0'.repeat(32)}/elb/loadbalancers`)
  expect(unsigned.status).toBe(401)
  expect(await unsigned.json()).toMatchObject({ error_code: 'APIGW.0301' })
  const forged = new HuaweiClient(weir.api, { ...key, secretAccessKey: 'another' })
  expect(await refusal(forged.get('loadbalancers'))).toMatchObject({
    status: 401,
    code: 'APIGW.0301',
    message: expect.stringContaining('verify aksk signature fail'),
  })
})
