import { afterAll, beforeAll, expect, it } from 'vitest'
import { HuaweiApi } from '../../../test/support/huawei-api.ts'

let api: HuaweiApi
// biome-ignore lint/suspicious/noExplicitAny: a document
let document: any

beforeAll(async () => {
  api = await HuaweiApi.start()
  document = await (await fetch(`${api.api.url}/v3/openapi.json`)).json()
})
afterAll(() => api[Symbol.asyncDispose]())

it('has the operations of every resource, each under a name of its own', () => {
  // biome-ignore lint/suspicious/noExplicitAny: a document
  const operations = Object.values(document.paths).flatMap((path: any) => Object.values(path))
  // biome-ignore lint/suspicious/noExplicitAny: a document
  const names = operations.map((each: any) => each.operationId)
  expect(new Set(names).size).toBe(names.length)
  for (const noun of [
    'LoadBalancer',
    'Listener',
    'Pool',
    'Member',
    'HealthMonitor',
    'Certificate',
    'IpGroup',
    'SecurityPolicy',
    'L7Policy',
    'L7Rule',
  ]) {
    for (const verb of ['Create', 'Show', 'Update', 'Delete']) expect(names).toContain(verb + noun)
  }
})

it('has the bounds by which requests are read', () => {
  const { post, get } = document.paths['/v3/{project_id}/elb/listeners']
  const { schema } = post.requestBody.content['application/json']
  const { listener } = schema.properties
  expect(listener.required).toEqual(['loadbalancer_id', 'protocol', 'protocol_port'])
  expect(listener.additionalProperties).toBe(false)
  expect(listener.properties.keepalive_timeout).toMatchObject({ minimum: 0, maximum: 4000 })
  expect(listener.properties.description).toMatchObject({ type: 'string', maxLength: 255 })
  expect(get.parameters.map(({ name }: { name: string }) => name)).toContain('protocol_port')
})
