/** What all lists have: filters, pages, and projects that do not see each other. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { refusal } from '../../../test/support/huawei.ts'
import { HuaweiApi, type TestProject } from '../../../test/support/huawei-api.ts'

let api: HuaweiApi
let project: TestProject
let ids: string[]

beforeAll(async () => {
  api = await HuaweiApi.start()
  project = api.project()
  ids = []
  for (const [name, description] of [
    ['a', 'x'],
    ['b', 'x'],
    ['c', 'y'],
    ['d', 'y'],
    ['e', 'z'],
  ]) {
    const { id } = await project.create('ipgroups', 'ipgroup', { name, description, ip_list: [] })
    ids.push(id)
  }
  ids.sort()
})
afterAll(() => api[Symbol.asyncDispose]())

const idsOf = ({ ipgroups }: { ipgroups: { id: string }[] }) => ipgroups.map(({ id }) => id)
const namesOf = ({ ipgroups }: { ipgroups: { name: string }[] }) =>
  ipgroups.map(({ name }) => name).sort()

it('pages go on behind the marker, and end with an empty one', async () => {
  const first = await project.get('ipgroups', { limit: 2 })
  expect(idsOf(first)).toEqual(ids.slice(0, 2))
  expect(first.page_info).toEqual({
    next_marker: ids[1],
    previous_marker: ids[0],
    current_count: 2,
  })
  const last = await project.get('ipgroups', { limit: 3, marker: ids[1] ?? '' })
  expect(idsOf(last)).toEqual(ids.slice(2))
  expect(last.page_info).toEqual({ previous_marker: ids[2], current_count: 3 })
  const behind = await project.get('ipgroups', { limit: 3, marker: ids[4] ?? '' })
  expect([idsOf(behind), behind.page_info]).toEqual([[], { current_count: 0 }])
})

it('pages go back before the marker', async () => {
  const marker = ids[3] ?? ''
  const page = await project.get('ipgroups', { limit: 2, marker, page_reverse: true })
  expect(idsOf(page)).toEqual(ids.slice(1, 3))
})

it('a marker that is gone still has a place', async () => {
  const { id } = await project.create('ipgroups', 'ipgroup', { ip_list: [] })
  await project.delete(`ipgroups/${id}`)
  const page = await project.get('ipgroups', { marker: id })
  expect(idsOf(page)).toEqual(ids.filter((each) => each > id))
})

it('filters can be given many times, and together', async () => {
  expect(namesOf(await project.get('ipgroups', { name: ['a', 'c', 'none'] }))).toEqual(['a', 'c'])
  expect(namesOf(await project.get('ipgroups', { description: 'x', name: 'b' }))).toEqual(['b'])
})

it('what is not understood is refused by its name', async () => {
  expect((await refusal(project.get('ipgroups', { colour: 'red' }))).message).toContain("'colour'")
  for (const query of [
    ...[{ limit: -1 }, { limit: 2001 }, { limit: 'all' }, { page_reverse: 'up' }],
    ...[{ limit: ['1', '2'] }, { marker: ['a', 'b'] }, { page_reverse: ['true', 'false'] }],
  ]) {
    expect(await refusal(project.get('ipgroups', query))).toMatchObject({
      status: 400,
      code: 'ELB.8902',
    })
  }
})

it('a project has its own resources only', async () => {
  const other = api.project()
  expect(idsOf(await other.get('ipgroups'))).toEqual([])
  expect((await refusal(other.get(`ipgroups/${ids[0]}`))).status).toBe(404)
  expect((await refusal(other.delete(`ipgroups/${ids[0]}`))).status).toBe(404)
})

it('writers at the same time break no rule, and lose nothing', async () => {
  const own = api.project()
  const balancer = await own.balancer(await api.subnet())
  const samePort = Array.from({ length: 8 }, () => own.listener(balancer))
  const otherPorts = Array.from({ length: 8 }, (_, n) =>
    own.listener(balancer, { protocol_port: 81 + n }),
  )
  const outcomes = await Promise.allSettled([...samePort, ...otherPorts])
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1 + 8)
  expect((await own.get('listeners')).listeners).toHaveLength(1 + 8)
})

it('listeners, pools and members are found by what they belong to', async () => {
  const balancer = await project.balancer(await api.subnet())
  const listener = await project.listener(balancer, { protocol_port: 8080 })
  const pool = await project.pool({ listener_id: listener.id })
  await project.pool()
  const member = { address: '127.0.0.9', protocol_port: 80 }
  await project.create(`pools/${pool.id}/members`, 'member', member)
  const listeners = async (query: object) =>
    (await project.get('listeners', query as Record<string, string>)).listeners.length
  expect(await listeners({ loadbalancer_id: balancer.id, protocol_port: '8080' })).toBe(1)
  expect(await listeners({ loadbalancer_id: 'other' })).toBe(0)
  expect(await listeners({ member_address: '127.0.0.9' })).toBe(1)
  expect(await listeners({ member_address: '127.0.0.8' })).toBe(0)
  expect((await project.get('pools', { listener_id: listener.id })).pools).toHaveLength(1)
  expect((await project.get('members', { address: '127.0.0.9' })).members).toHaveLength(1)
})
