import { CreateLoadBalancerCommand } from '@aws-sdk/client-elastic-load-balancing'
import { expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { Peer } from '../support/peer.ts'
import { httpListener, nodeAddresses } from '../support/system.ts'
import { Weir } from '../support/weir.ts'

test('the limits of heads are those of the settings', async () => {
  await using weir = await Weir.start({ args: ['--max-header-line', '2048'] })
  await weir.elb.send(
    new CreateLoadBalancerCommand({
      LoadBalancerName: 'limits',
      Listeners: [httpListener],
      AvailabilityZones: ['us-west-2a'],
    }),
  )
  const [node = ''] = await nodeAddresses(weir, 'limits')
  const answerTo = async (length: number) => {
    await using client = await Peer.connect(node, 8080)
    client.send(`GET / HTTP/1.1\r\nHost: a\r\nA: ${'b'.repeat(length)}\r\n\r\n`)
    return await client.until('</html>')
  }
  await eventually('the listener to be open', () => answerTo(0))
  expect(await answerTo(2048)).toContain('HTTP/1.1 431')
  expect(await answerTo(2000)).toContain('HTTP/1.1 503')
})
