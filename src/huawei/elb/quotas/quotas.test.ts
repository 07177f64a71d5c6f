import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { selfSigned } from '../../../../test/support/certificate-authority.ts'
import { type Answer, refusal } from '../../../../test/support/huawei.ts'
import { HuaweiApi, type TestProject } from '../../../../test/support/huawei-api.ts'

const limit = 3

let api: HuaweiApi
let project: TestProject
let balancer: Answer
let listener: Answer
let pool: Answer

beforeAll(async () => {
  api = await HuaweiApi.start({
    listener: limit,
    pool: limit,
    member: limit,
    healthmonitor: 1,
    certificate: limit,
    l7policy: limit,
    security_policy: limit,
  })
})
afterAll(() => api[Symbol.asyncDispose]())
beforeEach(async () => {
  project = api.project()
  balancer = await project.balancer(await api.subnet())
  listener = await project.listener(balancer)
  pool = await project.pool()
})

const server = await selfSigned()

/** How one more is made, and how many there can be. */
const kinds: Readonly<Record<string, [make: (n: number) => Promise<Answer>, most: number]>> = {
  listener: [(n) => project.listener(balancer, { protocol_port: 1000 + n }), limit - 1],
  pool: [() => project.pool(), limit - 1],
  member: [(n) => member(1 + n), limit],
  certificate: [
    () => {
      const { certificate, privateKey: private_key } = server
      return project.create('certificates', 'certificate', { certificate, private_key })
    },
    limit,
  ],
  // As Huawei Cloud has it.
  ipgroup: [() => project.create('ipgroups', 'ipgroup', { ip_list: [] }), 50],
  l7policy: [
    () =>
      project.create('l7policies', 'l7policy', {
        listener_id: listener.id,
        action: 'REDIRECT_TO_POOL',
        redirect_pool_id: pool.id,
      }),
    limit,
  ],
  security_policy: [
    () =>
      project.create('security-policies', 'security_policy', {
        protocols: ['TLSv1.3'],
        ciphers: ['TLS_AES_128_GCM_SHA256'],
      }),
    limit,
  ],
}

function member(protocol_port: number): Promise<Answer> {
  const fields = { address: '127.0.0.1', protocol_port }
  return project.create(`pools/${pool.id}/members`, 'member', fields)
}

async function used(kind: string): Promise<number> {
  const { quotas } = await project.get('quotas/details', { quota_key: kind })
  return quotas[0].used
}

it.each(Object.entries(kinds))(
  'a project has so many of kind %s, and no more',
  async (kind, [make, most]) => {
    for (let made = 0; made < most; made += 1) await make(made)
    expect(await refusal(make(most))).toEqual({
      status: 409,
      code: 'ELB.8905',
      message: `Quota exceeded for resources: '${kind}'.`,
    })
    const { quota } = await project.get('quotas')
    expect(await used(kind)).toBe(quota[kind])
  },
)

it('health monitors too', async () => {
  const monitor = { type: 'TCP', delay: 5, timeout: 3, max_retries: 3 }
  const make = (pool_id: string) =>
    project.create('healthmonitors', 'healthmonitor', { ...monitor, pool_id })
  await make(pool.id)
  const { id } = await project.pool()
  expect((await refusal(make(id))).code).toBe('ELB.8905')
})

it('a batch that would be too many adds none', async () => {
  const members = [1, 2, 3, 4].map((protocol_port) => ({ address: '127.0.0.1', protocol_port }))
  const path = `pools/${pool.id}/members`
  expect((await refusal(project.post(`${path}/batch-add`, { members }))).code).toBe('ELB.8905')
  expect((await project.get(path)).members).toEqual([])
})

it('who makes the last ones at the same time gets no more than there are', async () => {
  const outcomes = await Promise.allSettled([1, 2, 3, 4, 5, 6].map((port) => member(port)))
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(limit)
  expect(await used('member')).toBe(limit)
})
