import { CreateLoadBalancerCommand } from '@aws-sdk/client-elastic-load-balancing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { Peer } from '../support/peer.ts'
import { httpListener, nodeAddresses } from '../support/system.ts'
import { Weir } from '../support/weir.ts'

let weir: Weir
let node: string

/** The status of the answer to a request that ends with `rest`; without instances, that is 503 for what is not refused. */
async function statusFor(rest: string): Promise<string | undefined> {
  await using client = await Peer.connect(node, 8080)
  client.send(`GET / HTTP/1.1\r\nHost: a\r\n${rest}\r\n`)
  return (await client.until('</html>')).split(' ')[1]
}

beforeAll(async () => {
  weir = await Weir.start({ args: ['--max-header-line', '2048'] })
  await weir.elb.send(
    new CreateLoadBalancerCommand({
      LoadBalancerName: 'refusing',
      Listeners: [httpListener],
      AvailabilityZones: ['us-west-2a'],
    }),
  )
  node = (await nodeAddresses(weir, 'refusing'))[0] ?? ''
  await eventually('the listener to be open', () => statusFor(''))
})

afterAll(() => weir[Symbol.asyncDispose]())

test('the limits of heads are those of the settings', async () => {
  expect(await statusFor(`A: ${'b'.repeat(2048)}\r\n`)).toBe('431')
  expect(await statusFor(`A: ${'b'.repeat(2000)}\r\n`)).toBe('503')
})

test('requests that do not comply are counted by tier and reason in /metrics', async () => {
  expect(await statusFor('Content_Length: 1\r\n')).toBe('503')
  expect(await statusFor('Content-Length: x\r\n')).toBe('400')
  expect(await statusFor('Content-Length: y\r\n')).toBe('400')
  const expected = [
    'listener="http-8080",tier="Ambiguous",reason="SuspiciousHeader"} 1',
    'listener="http-8080",tier="Severe",reason="BadContentLength"} 2',
  ]
  await eventually('the counts in the metrics', async () => {
    const text = await (await fetch(`${weir.api}/metrics`)).text()
    const lines = text.split('\n').filter((line) => /^weir_non_compliant_req\w+{/.test(line))
    return lines.length === 2 && expected.every((end) => lines.some((line) => line.endsWith(end)))
  })
})
