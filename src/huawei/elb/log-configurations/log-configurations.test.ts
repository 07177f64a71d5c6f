import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished, vi } from 'vitest'
import { createLogBucket } from '../../../../test/support/buckets.ts'
import { type Answer, refusal } from '../../../../test/support/huawei.ts'
import { HuaweiApi, type TestProject } from '../../../../test/support/huawei-api.ts'
import { S3Buckets } from '../../../buckets/s3-buckets.ts'
import { systemClock } from '../../../std/clock.ts'

let api: HuaweiApi
let project: TestProject
let balancer: Answer
/** A log group. */
let group: string

beforeAll(async () => {
  api = await HuaweiApi.start()
})
afterAll(() => api[Symbol.asyncDispose]())
beforeEach(async () => {
  project = api.project()
  balancer = await project.balancer(await api.subnet())
  group = randomUUID()
  await createLogBucket(api.api.buckets, group)
})

const create = (fields: object = {}) =>
  project.create('logtanks', 'logtank', {
    loadbalancer_id: balancer.id,
    log_group_id: group,
    log_topic_id: 'stream',
    ...fields,
  })

it('is created, shown, listed, changed and deleted, with the five attributes of Huawei’s reference', async () => {
  const made = await create()
  const expected = {
    id: made.id,
    project_id: project.id,
    loadbalancer_id: balancer.id,
    log_group_id: group,
    log_topic_id: 'stream',
  }
  expect(made).toEqual(expected)
  const path = `logtanks/${made.id}`
  expect((await project.get(path)).logtank).toEqual(expected)
  expect((await project.get(`logtanks?log_topic_id=other`)).logtanks).toEqual([])
  expect((await project.get(`logtanks?log_group_id=${group}`)).logtanks).toEqual([expected])
  const { logtank } = await project.put(path, { logtank: { log_topic_id: 'other' } })
  expect(logtank).toEqual({ ...expected, log_topic_id: 'other' })
  await project.delete(path)
  expect((await refusal(project.get(path))).code).toBe('ELB.8904')
})

it('is shown with its load balancer', async () => {
  const shown = async () => {
    const { loadbalancer } = await project.get(`loadbalancers/${balancer.id}`)
    return [loadbalancer.log_group_id, loadbalancer.log_topic_id]
  }
  expect(await shown()).toEqual([null, null])
  const { id } = await create()
  expect(await shown()).toEqual([group, 'stream'])
  await project.delete(`logtanks/${id}`)
  expect(await shown()).toEqual([null, null])
})

it('is one for each load balancer, and goes with it', async () => {
  const { id } = await create()
  expect(await refusal(create())).toMatchObject({
    status: 409,
    code: 'ELB.8907',
    message: expect.stringContaining(id),
  })
  await project.delete(`loadbalancers/${balancer.id}`)
  expect((await project.get('logtanks')).logtanks).toEqual([])
})

it('needs a load balancer and a log group that there are', async () => {
  const nobody = await refusal(create({ loadbalancer_id: randomUUID() }))
  expect(nobody).toMatchObject({ status: 404, code: 'ELB.8904' })
  const missing = randomUUID()
  for (const log_group_id of [missing, 'NOT-A-BUCKET']) {
    expect(await refusal(create({ log_group_id }))).toMatchObject({
      status: 404,
      code: 'ELB.8904',
      message: expect.stringContaining(log_group_id),
    })
  }
  const { id } = await create()
  const change = project.put(`logtanks/${id}`, { logtank: { log_group_id: missing } })
  expect((await refusal(change)).code).toBe('ELB.8904')
})

it('needs a log group that takes the log', async () => {
  await api.api.buckets.records.setPolicy(group, null)
  expect(await refusal(create())).toMatchObject({
    status: 400,
    code: 'ELB.8902',
    message: expect.stringContaining(group),
  })
})

it('needs a log group that can be reached, and stores nothing while it cannot', async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKID')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret')
  onTestFinished(() => void vi.unstubAllEnvs())
  // Takes what comes until it closes.
  const server = createServer((incoming, outgoing) => {
    incoming.resume().on('end', () => outgoing.end())
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const s3 = {
    endpoint,
    region: null,
    pathStyle: true,
    encryption: 'none',
    kmsKeyId: null,
  } as const
  await using away = await HuaweiApi.start({}, new S3Buckets({ ...s3, clock: systemClock }))
  const own = away.project()
  const { id: loadbalancer_id } = await own.balancer(await away.subnet())
  const fields = { loadbalancer_id, log_group_id: 'my-logs', log_topic_id: 'stream' }
  const { id } = await own.create('logtanks', 'logtank', fields)
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
  const expected = {
    status: 503,
    code: 'ELB.8906',
    message: 'Log group other-logs cannot be written to now: ECONNREFUSED',
  }
  const change = { logtank: { log_group_id: 'other-logs' } }
  expect(await refusal(own.put(`logtanks/${id}`, change))).toEqual(expected)
  expect((await own.get('logtanks')).logtanks).toMatchObject([fields])
  await own.delete(`logtanks/${id}`)
  const again = own.post('logtanks', { logtank: { ...fields, log_group_id: 'other-logs' } })
  expect(await refusal(again)).toEqual(expected)
  expect((await own.get('logtanks')).logtanks).toEqual([])
})

it('asks the log group once, however much happens meanwhile', async () => {
  let asked = 0
  const write = async () => {
    asked += 1
    await own.create('ipgroups', 'ipgroup', { ip_list: [] })
  }
  await using busy = await HuaweiApi.start({}, { write, put: write })
  const own = busy.project()
  const { id: loadbalancer_id } = await own.balancer(await busy.subnet())
  const fields = { loadbalancer_id, log_group_id: 'my-logs', log_topic_id: 'stream' }
  expect(await own.create('logtanks', 'logtank', fields)).toMatchObject(fields)
  expect(asked).toBe(1)
})

it.each([
  ['log_group_id', null],
  ['log_group_id', ''],
  ['log_topic_id', '../other'],
  ['log_topic_id', 'a/b'],
  ['log_topic_id', 'x'.repeat(37)],
  ['loadbalancer_id', undefined],
])('refuses %s %j', async (name, value) => {
  expect(await refusal(create({ [name]: value }))).toMatchObject({
    status: 400,
    code: 'ELB.8902',
    message: expect.stringContaining(name),
  })
})

it('stays with its load balancer', async () => {
  const { id } = await create()
  const change = project.put(`logtanks/${id}`, { logtank: { loadbalancer_id: balancer.id } })
  expect((await refusal(change)).code).toBe('ELB.8902')
})
