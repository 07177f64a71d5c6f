import { afterAll, beforeAll, expect, test } from 'vitest'
import { ElbApi, type TestRegion } from '../../../test/support/elb-api.ts'

let api: ElbApi
let region: TestRegion
beforeAll(async () => {
  api = await ElbApi.start()
  region = api.region()
  await region.create('my-loadbalancer')
})
afterAll(() => api[Symbol.asyncDispose]())

const guide = {
  Target: 'HTTP:80/ping',
  Interval: 30,
  UnhealthyThreshold: 2,
  HealthyThreshold: 2,
  Timeout: 3,
}

function configure(changes: Partial<typeof guide>) {
  return region.elb.configureHealthCheck({
    LoadBalancerName: 'my-loadbalancer',
    HealthCheck: { ...guide, ...changes },
  })
}

test('a health check is answered and described as configured', async () => {
  const { HealthCheck } = await configure({})
  expect(HealthCheck).toEqual(guide)
  expect((await region.describe('my-loadbalancer')).HealthCheck).toEqual(guide)
})

test.each([
  ['TCP:1', 'TCP:1'],
  ['SSL:65535', 'SSL:65535'],
  ['http:80/index.html?x=1', 'HTTP:80/index.html?x=1'],
  [`HTTPS:443/${'a'.repeat(1023)}`, `HTTPS:443/${'a'.repeat(1023)}`],
])('the target %s is taken', async (Target, told) => {
  const { HealthCheck } = await configure({ Target })
  expect(HealthCheck?.Target).toBe(told)
})

test.each([
  ['80', 'HealthCheck Target must begin with one of HTTP, TCP, HTTPS, SSL'],
  ['UDP:53', 'HealthCheck Target must begin with one of HTTP, TCP, HTTPS, SSL'],
  ['HTTP:80', 'must specify a port followed by a path that begins with a slash'],
  ['HTTPS:443ping', 'must specify a port followed by a path that begins with a slash'],
  ['HTTP:80/a b', 'must not contain spaces'],
  ['HTTP:80/\r\nX: y', 'must not contain spaces'],
  ['HTTP:0/', 'must specify a port between 1 and 65535'],
  ['TCP:65536', 'must specify a port between 1 and 65535'],
  ['TCP:80/ping', 'must specify a port between 1 and 65535'],
  [`HTTP:80/${'a'.repeat(1024)}`, 'at most 1024 characters'],
])('the target %j is refused', async (Target, message) => {
  await expect(configure({ Target })).rejects.toMatchObject({
    name: 'ValidationError',
    message: expect.stringContaining(message),
  })
})

test.each([
  [{ Interval: 4 }, "Value '4' at 'healthCheck.interval'"],
  [{ Interval: 301 }, "Value '301' at 'healthCheck.interval'"],
  [{ Timeout: 1 }, "Value '1' at 'healthCheck.timeout'"],
  [{ Timeout: 61, Interval: 300 }, "Value '61' at 'healthCheck.timeout'"],
  [{ HealthyThreshold: 1 }, "Value '1' at 'healthCheck.healthyThreshold'"],
  [{ UnhealthyThreshold: 11 }, "Value '11' at 'healthCheck.unhealthyThreshold'"],
  [{ Timeout: 30 }, 'HealthCheck timeout must be less than interval.'],
])('%o is out of range', async (changes, message) => {
  await expect(configure(changes)).rejects.toMatchObject({
    name: 'ValidationError',
    message: expect.stringContaining(message),
  })
})
