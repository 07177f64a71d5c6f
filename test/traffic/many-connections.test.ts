import { connect, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import { childProcess, openDescriptors } from '../support/child-processes.ts'
import { eventually } from '../support/eventually.ts'
import { openConnections } from '../support/metrics.ts'
import { createLoadBalancer, Instance, nodeAddresses } from '../support/system.ts'
import { Weir } from '../support/weir.ts'

const idleConnections = 10_000
const requestsInFlight = 1000

/** Connections are opened in batches, so that the accept queue of a busy machine is not what is tested. */
const batch = 200

test('10,000 idle connections and 1,000 requests in flight leave nothing behind when they are closed', async () => {
  await using weir = await Weir.start()
  let arrived = 0
  await using instance = await Instance.declare(weir, 'us-west-2a', (request, response) => {
    if (request.url === '/hang') arrived += 1
    else response.end('ok')
  })
  await createLoadBalancer(weir, 'busy', [instance])
  const [node = ''] = await nodeAddresses(weir, 'busy')
  const proxy = childProcess(weir.process.pid ?? 0, 'proxy') ?? 0
  const before = openDescriptors(proxy)

  const idle = await openMany(node, idleConnections)
  const busy = await openMany(node, requestsInFlight)
  for (const socket of busy) socket.write('GET /hang HTTP/1.1\r\nHost: test\r\n\r\n')
  await eventually('all requests at the instance', () => arrived === requestsInFlight)
  await eventually(
    'all connections in the metrics',
    async () => (await openConnections(weir)) === idleConnections + requestsInFlight,
  )
  expect(openDescriptors(proxy)).toBeGreaterThan(idleConnections + 2 * requestsInFlight)

  for (const socket of [...idle, ...busy]) socket.resetAndDestroy()
  await eventually('no connection in the metrics', async () => (await openConnections(weir)) === 0)
  await instance.stop()
  await eventually('as many descriptors as before', () => openDescriptors(proxy) <= before)
}, 120_000)

async function openMany(host: string, count: number): Promise<Socket[]> {
  const sockets: Socket[] = []
  while (sockets.length < count) {
    const size = Math.min(batch, count - sockets.length)
    sockets.push(...(await Promise.all(Array.from({ length: size }, () => open(host)))))
  }
  return sockets
}

function open(host: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port: 8080 }, () => resolve(socket))
    socket.once('error', reject)
  })
}
