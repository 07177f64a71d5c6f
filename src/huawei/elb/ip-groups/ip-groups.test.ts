import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
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

const group = (...ips: string[]) =>
  project.create('ipgroups', 'ipgroup', { ip_list: ips.map((ip) => ({ ip })) })

const ipsOf = ({ ip_list }: { ip_list: { ip: string }[] }) => ip_list.map(({ ip }) => ip)

it('keeps each address once, however it is written', async () => {
  const made = await group(
    '0.0.0.0',
    '0.0.0.0/32',
    '0:0:0:0:0:0:0:1',
    '::1',
    '::1/128',
    '10.0.0.0/8',
  )
  expect(ipsOf(made)).toEqual(['0.0.0.0', '::1', '10.0.0.0/8'])
})

it.each(['10.0.0.256', '10.0.0.0/33', '::/129', 'example.com', '10.0.0.0/8/8', '10.1'])(
  'refuses %s, which is no address and no block',
  async (ip) => {
    expect(await refusal(group(ip))).toMatchObject({
      code: 'ELB.8902',
      message: expect.stringContaining(ip),
    })
  },
)

it('has up to 300 addresses', async () => {
  const many = Array.from({ length: 300 }, (_, n) => `10.0.${n >> 8}.${n & 255}`)
  const { id } = await group(...many)
  expect((await refusal(group(...many, '10.1.0.0'))).code).toBe('ELB.8902')
  const more = { ipgroup: { ip_list: [{ ip: '10.1.0.0' }] } }
  const addition = project.post(`ipgroups/${id}/iplist/create-or-update`, more)
  expect((await refusal(addition)).code).toBe('ELB.8905')
})

it('is replaced as a whole by an update, and changed in part by its list', async () => {
  const { id } = await group('10.0.0.1', '10.0.0.2')
  const list = async (verb: string, ip_list: object[]) =>
    ipsOf((await project.post(`ipgroups/${id}/iplist/${verb}`, { ipgroup: { ip_list } })).ipgroup)
  const added = [{ ip: '10.0.0.2', description: 'known' }, { ip: '10.0.0.3' }]
  expect(await list('create-or-update', added)).toEqual(['10.0.0.1', '10.0.0.2', '10.0.0.3'])
  const shown = (await project.get(`ipgroups/${id}`)).ipgroup
  expect(shown.ip_list[1]).toEqual({ ip: '10.0.0.2', description: 'known' })
  expect(await list('batch-delete', [{ ip: '10.0.0.1/32' }])).toEqual(['10.0.0.2', '10.0.0.3'])
  const replaced = await project.put(`ipgroups/${id}`, { ipgroup: { ip_list: [{ ip: '::1' }] } })
  expect(ipsOf(replaced.ipgroup)).toEqual(['::1'])
  const renamed = await project.put(`ipgroups/${id}`, { ipgroup: { name: 'n' } })
  expect(ipsOf(renamed.ipgroup)).toEqual(['::1'])
})

it('is kept while a listener uses it', async () => {
  const { id } = await group()
  const balancer = await project.balancer(await api.subnet())
  const listener = await project.listener(balancer, { ipgroup: { ipgroup_id: id } })
  expect((await project.get(`ipgroups/${id}`)).ipgroup.listeners).toEqual([{ id: listener.id }])
  expect((await refusal(project.delete(`ipgroups/${id}`))).code).toBe('ELB.8907')
  await project.put(`listeners/${listener.id}`, { listener: { ipgroup: null } })
  await project.delete(`ipgroups/${id}`)
})
