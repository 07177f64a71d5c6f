/** Clients that are slow on purpose, to use up connections and memory: slowhttptest plays them, a thousand of each kind. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect } from 'vitest'
import { childProcess, residentBytes } from '../support/child-processes.ts'
import { eventually } from '../support/eventually.ts'
import { KeepAliveClient } from '../support/keep-alive-client.ts'
import { openConnections } from '../support/metrics.ts'
import { testWith } from '../support/needs.ts'
import { createLoadBalancer, Instance, nodeAddresses } from '../support/system.ts'
import { Weir } from '../support/weir.ts'

const clientsOfAKind = 1000
/** What the kernel's buffers do not hold of it, somebody else has to. */
const page = Buffer.alloc(1024 * 1024, 'x')
/** Far less than a page for each slow reader, and more than the two reads' worth that each may cost (wire.ts, writeBound). */
const mostMemory = 160 * 1024 * 1024

const kinds = {
  'slow headers': ['-H'],
  'slow bodies': ['-B', '-s', '8192'],
  'slow reading': ['-X', '-w', '512', '-y', '1024', '-z', '32'],
}

/** Runs until it is disposed of. */
function attack(args: readonly string[], url: string): AsyncDisposable {
  const clients = ['-c', String(clientsOfAKind), '-r', String(clientsOfAKind)]
  // A byte or a few every second, for longer than the test runs.
  const pace = ['-i', '1', '-n', '1', '-l', '120', '-p', '120']
  const program = spawn('slowhttptest', [...args, ...clients, ...pace, '-u', url], {
    stdio: 'ignore',
  })
  const exited = once(program, 'exit')
  const stop = async () => {
    program.kill('SIGKILL')
    await exited
  }
  return { [Symbol.asyncDispose]: stop }
}

const testWithSlowhttptest = testWith('slowhttptest', 'slowhttptest')

testWithSlowhttptest(
  'clients that send or read slowly cost little memory, and keep nobody else waiting',
  async () => {
    await using weir = await Weir.start()
    await using instance = await Instance.declare(weir, 'us-west-2a', (request, response) => {
      if (request.url === '/') response.setHeader('content-length', 2).end('ok')
      // An answer before the end of the body would free the slow senders.
      else request.resume().on('end', () => response.end(page))
    })
    await createLoadBalancer(weir, 'besieged', [instance])
    const [node = ''] = await nodeAddresses(weir, 'besieged')
    const proxy = childProcess(weir.process.pid ?? 0, 'proxy') ?? 0
    const memory = residentBytes(proxy)

    await using attacks = new AsyncDisposableStack()
    let attacked = 0
    for (const [kind, args] of Object.entries(kinds)) {
      attacks.use(attack(args, `http://${node}:8080/page`))
      attacked += clientsOfAKind
      await eventually(`all of ${kind}`, async () => (await openConnections(weir)) >= attacked)
    }
    const client = new KeepAliveClient(node, 8080)
    await eventually('answers meanwhile', () => client.requests >= 1000)
    await client.stop()
    expect(client.failures).toEqual([])
    expect(await openConnections(weir)).toBeGreaterThanOrEqual(attacked)
    expect(residentBytes(proxy) - memory).toBeLessThan(mostMemory)

    await attacks.disposeAsync()
    await eventually('none to be left', async () => (await openConnections(weir)) === 0)
  },
  120_000,
)
