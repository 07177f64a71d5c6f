import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { refusal } from '../../../../test/support/huawei.ts'
import { HuaweiApi, type TestProject } from '../../../../test/support/huawei-api.ts'

let api: HuaweiApi
let project: TestProject
let subnet: Awaited<ReturnType<HuaweiApi['subnet']>>

beforeAll(async () => {
  api = await HuaweiApi.start({ loadbalancer: 3 })
  subnet = await api.subnet()
})
afterAll(() => api[Symbol.asyncDispose]())
beforeEach(() => {
  project = api.project()
})

const inZone = { availability_zone_list: ['us-west-2a'] }

describe('the address of a load balancer', () => {
  it('is one of its subnet', async () => {
    const balancer = await project.balancer(subnet)
    const network = subnet.range.split('.').slice(0, 2).join('.')
    expect(balancer).toMatchObject({
      vip_subnet_cidr_id: subnet.id,
      vpc_id: subnet.vpcId,
      vip_address: expect.stringMatching(`^${network}\\.`),
      eips: [],
      provisioning_status: 'ACTIVE',
      operating_status: 'ONLINE',
    })
  })

  it('can be chosen, if it is free and of the subnet', async () => {
    const vip_address = `${subnet.range.split('.').slice(0, 3).join('.')}.77`
    expect(await project.balancer(subnet, { vip_address })).toMatchObject({ vip_address })
    expect(await refusal(project.balancer(subnet, { vip_address }))).toMatchObject({
      status: 409,
      code: 'ELB.8907',
    })
    const foreign = project.balancer(subnet, { vip_address: '10.1.2.3' })
    expect(await refusal(foreign)).toMatchObject({ status: 400, code: 'ELB.8902' })
  })

  it('comes from the VPC where no subnet is named; one of the two has to be', async () => {
    const fields = { ...inZone, vpc_id: subnet.vpcId }
    const balancer = await project.create('loadbalancers', 'loadbalancer', fields)
    expect(balancer).toMatchObject({ vip_subnet_cidr_id: subnet.id })
    const nowhere = project.create('loadbalancers', 'loadbalancer', inZone)
    expect((await refusal(nowhere)).message).toContain("'vpc_id', 'vip_subnet_cidr_id'")
  })

  it('is free again when the load balancer is gone', async () => {
    const { id, vip_address } = await project.balancer(subnet)
    await project.delete(`loadbalancers/${id}`)
    expect(await project.balancer(subnet, { vip_address })).toMatchObject({ vip_address })
  })

  it('has an EIP beside it when one is asked for', async () => {
    const { eips, publicips } = await project.balancer(subnet, {
      publicip: { network_type: '5_bgp', bandwidth: { size: 10, share_type: 'PER' } },
    })
    expect(eips).toEqual([
      { eip_id: expect.any(String), eip_address: expect.any(String), ip_version: 4 },
    ])
    expect(publicips[0]).toMatchObject({ publicip_address: eips[0].eip_address })
  })
})

describe('an IPv6 address', () => {
  it('is of the same subnet as the IPv4 address', async () => {
    const { id } = await api.dualStackSubnet()
    const both = { vip_subnet_cidr_id: id, ipv6_vip_virsubnet_id: id }
    for (const fields of [both, { vip_subnet_cidr_id: null, ipv6_vip_virsubnet_id: id }]) {
      expect(await project.balancer(subnet, fields)).toMatchObject({
        ipv6_vip_address: expect.stringMatching(/^fd00:1:2:3:/),
        ipv6_vip_virsubnet_id: id,
        vip_subnet_cidr_id: id,
      })
    }
    expect(await project.balancer({ id })).toMatchObject({ ipv6_vip_address: null })
  })

  it('is refused where there can be none', async () => {
    const { id } = await api.dualStackSubnet()
    for (const ipv6_vip_virsubnet_id of [subnet.id, id, 'none']) {
      expect(await refusal(project.balancer(subnet, { ipv6_vip_virsubnet_id }))).toMatchObject({
        code: 'ELB.8902',
        message: expect.stringContaining(`'ipv6_vip_virsubnet_id': ${ipv6_vip_virsubnet_id}`),
      })
    }
  })
})

it('what it names has to be there', async () => {
  for (const [noun, fields] of [
    ['availability_zone', { availability_zone_list: ['us-west-2z'] }],
    ['subnet', { vip_subnet_cidr_id: 'none' }],
    ['L7 flavor', { l7_flavor_id: 'none' }],
  ] as const) {
    expect(await refusal(project.balancer(subnet, fields))).toMatchObject({
      status: 404,
      code: 'ELB.8904',
      message: expect.stringContaining(noun),
    })
  }
  const { flavors } = await project.get('flavors', { name: 'L7_flavor.elb.s1.small' })
  expect(await project.balancer(subnet, { l7_flavor_id: flavors[0].id })).toMatchObject({
    l7_flavor_id: flavors[0].id,
  })
})

it('an update changes what is sent; addresses of other networks stay allowed', async () => {
  const { id } = await project.balancer(subnet, { name: 'before', description: 'same' })
  const { loadbalancer } = await project.put(`loadbalancers/${id}`, {
    loadbalancer: { name: 'after' },
  })
  expect(loadbalancer).toMatchObject({ name: 'after', description: 'same', ip_target_enable: true })
  const off = project.put(`loadbalancers/${id}`, { loadbalancer: { ip_target_enable: false } })
  expect((await refusal(off)).code).toBe('ELB.8902')
})

it('the quota of a project holds', async () => {
  for (let count = 0; count < 3; count += 1) await project.balancer(subnet)
  expect(await refusal(project.balancer(subnet))).toMatchObject({ status: 409, code: 'ELB.8905' })
  const { quotas } = await project.get('quotas/details', { quota_key: 'loadbalancer' })
  expect(quotas).toEqual([{ quota_key: 'loadbalancer', quota_limit: 3, used: 3, unit: 'count' }])
})

describe('deleting', () => {
  it('is refused while there are listeners, or it is protected', async () => {
    const balancer = await project.balancer(subnet)
    const listener = await project.listener(balancer)
    expect((await refusal(project.delete(`loadbalancers/${balancer.id}`))).code).toBe('ELB.8907')
    await project.delete(`listeners/${listener.id}`)
    const set = (loadbalancer: object) =>
      project.put(`loadbalancers/${balancer.id}`, { loadbalancer })
    for (const [name, on, off] of [
      ['deletion_protection_enable', true, false],
      ['protection_status', 'consoleProtection', 'nonProtection'],
    ] as const) {
      await set({ [name]: on })
      for (const path of ['', '/force-elb']) {
        const deletion = project.delete(`loadbalancers/${balancer.id}${path}`)
        expect((await refusal(deletion)).message).toContain(name)
      }
      await set({ [name]: off })
    }
    await project.delete(`loadbalancers/${balancer.id}`)
    expect((await refusal(project.get(`loadbalancers/${balancer.id}`))).status).toBe(404)
  })

  it('with everything below it leaves nothing', async () => {
    const balancer = await project.balancer(subnet)
    const listener = await project.listener(balancer, { enhance_l7policy_enable: true })
    const pool = await project.pool({ listener_id: listener.id })
    const unused = await project.pool({ loadbalancer_id: balancer.id })
    const member = { address: '127.0.0.1', protocol_port: 80 }
    await project.create(`pools/${pool.id}/members`, 'member', member)
    await project.create('l7policies', 'l7policy', {
      listener_id: listener.id,
      action: 'REDIRECT_TO_POOL',
      redirect_pool_id: unused.id,
      rules: [{ type: 'PATH', compare_type: 'EQUAL_TO', value: '/' }],
    })
    await project.delete(`loadbalancers/${balancer.id}/force-elb`)
    for (const kind of ['loadbalancers', 'listeners', 'pools', 'members', 'l7policies']) {
      expect([kind, (await project.get(kind))[kind]]).toEqual([kind, []])
    }
  })

  it('leaves a pool that another load balancer uses', async () => {
    const [one, two] = [await project.balancer(subnet), await project.balancer(subnet)]
    const pool = await project.pool()
    const member = { address: '127.0.0.1', protocol_port: 80 }
    await project.create(`pools/${pool.id}/members`, 'member', member)
    await project.listener(one, { default_pool_id: pool.id })
    const { id } = await project.listener(two, { default_pool_id: pool.id })
    await project.delete(`loadbalancers/${one.id}/force-elb`)
    expect((await project.get(`pools/${pool.id}`)).pool).toMatchObject({
      listeners: [{ id }],
      members: [{ id: expect.any(String) }],
    })
  })

  it('can keep the pools, for other load balancers', async () => {
    const balancer = await project.balancer(subnet)
    const pool = await project.pool({ loadbalancer_id: balancer.id })
    await project.post(`loadbalancers/${balancer.id}/delete-cascade`, {
      loadbalancer: { unbounded_pool: false },
    })
    expect((await project.get(`pools/${pool.id}`)).pool.loadbalancers).toEqual([])
    const other = await project.balancer(subnet)
    const listener = await project.listener(other, { default_pool_id: pool.id })
    expect((await project.get(`pools/${pool.id}`)).pool).toMatchObject({
      listeners: [{ id: listener.id }],
      loadbalancers: [{ id: other.id }],
    })
  })
})

it('a load balancer shows the pools that were made for it, and those that its listeners and their policies use', async () => {
  const balancer = await project.balancer(subnet)
  const made = await project.pool({ loadbalancer_id: balancer.id })
  const [byListener, byPolicy, byNobody] = [
    await project.pool(),
    await project.pool(),
    await project.pool(),
  ]
  const listener = await project.listener(balancer, { default_pool_id: byListener.id })
  await project.create('l7policies', 'l7policy', {
    listener_id: listener.id,
    action: 'REDIRECT_TO_POOL',
    redirect_pool_id: byPolicy.id,
    rules: [{ type: 'PATH', compare_type: 'EQUAL_TO', value: '/' }],
  })
  const { pools } = (await project.get(`loadbalancers/${balancer.id}`)).loadbalancer
  const ids = pools.map(({ id }: { id: string }) => id)
  expect(new Set(ids)).toEqual(new Set([made.id, byListener.id, byPolicy.id]))
  const other = await project.balancer(subnet)
  expect((await project.get(`loadbalancers/${other.id}`)).loadbalancer.pools).toEqual([])
  expect((await project.get(`pools/${byNobody.id}`)).pool.loadbalancers).toEqual([])
})

it('the status tree has all that hangs on the load balancer', async () => {
  const balancer = await project.balancer(subnet, { name: 'tree' })
  const listener = await project.listener(balancer)
  const pool = await project.pool({ listener_id: listener.id })
  const add = (fields: object) =>
    project.create(`pools/${pool.id}/members`, 'member', { protocol_port: 80, ...fields })
  const on = await add({ address: '127.0.0.1' })
  const off = await add({ address: '127.0.0.2', admin_state_up: false })
  await project.create('healthmonitors', 'healthmonitor', {
    pool_id: pool.id,
    type: 'TCP',
    delay: 5,
    timeout: 3,
    max_retries: 3,
  })
  const { statuses } = await project.get(`loadbalancers/${balancer.id}/statuses`)
  const members = [
    expect.objectContaining({ id: on.id, operating_status: 'INITIAL' }),
    expect.objectContaining({ id: off.id, operating_status: 'DISABLED' }),
  ]
  const poolStatus = expect.objectContaining({
    id: pool.id,
    healthmonitor: expect.objectContaining({ type: 'TCP' }),
    members: expect.arrayContaining(members),
  })
  expect(statuses.loadbalancer).toMatchObject({
    id: balancer.id,
    name: 'tree',
    operating_status: 'ONLINE',
    listeners: [{ id: listener.id, protocol_port: 80, pools: [poolStatus], l7policies: [] }],
    pools: [poolStatus],
  })
})
