import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { selfSigned } from '../../../../test/support/certificate-authority.ts'
import { refusal } from '../../../../test/support/huawei.ts'
import { HuaweiApi, type TestProject } from '../../../../test/support/huawei-api.ts'

let api: HuaweiApi
let project: TestProject

beforeAll(async () => {
  api = await HuaweiApi.start()
})
afterAll(() => api[Symbol.asyncDispose]())
beforeEach(() => {
  project = api.project()
})

const policy = (protocols: string[], ciphers: string[]) =>
  project.create('security-policies', 'security_policy', { name: 'own', protocols, ciphers })

it('the ten system policies are listed, with their protocols and ciphers', async () => {
  const { system_security_policies } = await project.get('system-security-policies')
  expect(system_security_policies).toHaveLength(10)
  expect(system_security_policies).toContainEqual({
    name: 'tls-1-2-strict-no-cbc',
    protocols: 'TLSv1.2',
    ciphers:
      'ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-GCM-SHA256',
    project_id: project.id,
  })
})

it('a policy of one’s own has a cipher for each of its protocols', async () => {
  const made = await policy(['TLSv1.2', 'TLSv1.3'], ['AES128-GCM-SHA256', 'TLS_AES_128_GCM_SHA256'])
  expect(made).toMatchObject({ name: 'own', listeners: [] })
  for (const [protocol, cipher] of [
    ['TLSv1.3', 'AES128-GCM-SHA256'],
    ['TLSv1.2', 'TLS_AES_128_GCM_SHA256'],
    ['TLSv1', 'AES128-GCM-SHA256'],
    ['TLSv1', 'DES-CBC3-SHA'],
  ] as const) {
    expect(await refusal(policy([protocol], [cipher]))).toMatchObject({
      code: 'ELB.8902',
      message: expect.stringContaining(protocol),
    })
  }
  const change = { security_policy: { ciphers: ['AES128-GCM-SHA256'] } }
  expect((await refusal(project.put(`security-policies/${made.id}`, change))).code).toBe('ELB.8902')
})

it.each([
  ['protocols', ['SSLv3'], ['AES128-SHA']],
  ['ciphers', ['TLSv1.2'], ['NULL-MD5']],
  ['ciphers', ['TLSv1.2'], []],
])('refuses %s that there are not: %j %j', async (name, protocols, ciphers) => {
  const { code, message } = await refusal(policy(protocols, ciphers))
  expect(code).toBe('ELB.8902')
  expect(message).toContain(name)
})

it('is kept while a listener uses it', async () => {
  const { id } = await policy(['TLSv1.2'], ['AES128-GCM-SHA256'])
  const { certificate, privateKey } = await selfSigned()
  const server = { certificate, private_key: privateKey }
  const stored = await project.create('certificates', 'certificate', server)
  const listener = await project.listener(await project.balancer(await api.subnet()), {
    protocol: 'HTTPS',
    default_tls_container_ref: stored.id,
    security_policy_id: id,
  })
  expect((await refusal(project.delete(`security-policies/${id}`))).code).toBe('ELB.8907')
  await project.put(`listeners/${listener.id}`, { listener: { security_policy_id: null } })
  await project.delete(`security-policies/${id}`)
})
