import { execFile } from 'node:child_process'
import { connect, isIPv6 } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testWith } from '../../../test/support/needs.ts'
import { Origin } from '../../../test/support/peer.ts'
import { ok, Serving } from '../../../test/support/serving.ts'
import type { AccessList, Listener } from '../../snapshot/snapshot.ts'

const request = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
const allow = (...addresses: string[]): Partial<Listener> => ({
  access: { kind: 'allow', addresses },
})
const deny = (...addresses: string[]): Partial<Listener> => ({
  access: { kind: 'deny', addresses },
})

let origin: Origin
beforeAll(async () => {
  origin = await Origin.answering(ok('served'))
})
afterAll(() => origin[Symbol.asyncDispose]())

/** Resolves with what curl printed and its exit status. */
function curl(serving: Serving, from: string): Promise<{ status: unknown; printed: string }> {
  const host = isIPv6(serving.address) ? `[${serving.address}]` : serving.address
  const url = `http://${host}:${serving.port}/`
  const args = ['--silent', '--globoff', '--noproxy', '*', '--interface', from, url]
  return new Promise((resolve) => {
    execFile('curl', args, (error, printed) => resolve({ status: error?.code ?? 0, printed }))
  })
}

/** Resolves when a connection was closed; whether it seemed to stand before depends on when the reset comes. */
async function untilRefused({ address, port }: Serving): Promise<void> {
  const socket = connect(port, address)
  socket.on('data', () => expect.unreachable())
  socket.on('error', (error) => expect(error).toMatchObject({ code: 'ECONNRESET' }))
  await new Promise((resolve) => socket.once('close', resolve))
}

const testWithCurl = testWith('curl', 'curl')

describe('what curl gets', () => {
  const cases: readonly [AccessList['kind'], string[], from: string, served: boolean][] = [
    ['allow', ['127.0.0.5'], '127.0.0.5', true],
    ['allow', ['127.0.0.5'], '127.0.0.6', false],
    ['allow', ['127.0.0.0/29', '192.0.2.0/24'], '127.0.0.7', true],
    ['allow', ['127.0.0.0/29', '192.0.2.0/24'], '127.0.0.8', false],
    ['allow', ['::ffff:127.0.0.5'], '127.0.0.5', true],
    ['allow', ['::/0'], '127.0.0.5', false],
    ['allow', [], '127.0.0.5', false],
    ['deny', ['127.0.0.5'], '127.0.0.5', false],
    ['deny', ['127.0.0.5'], '127.0.0.6', true],
    ['deny', ['127.0.0.0/29'], '127.0.0.7', false],
    ['deny', ['no address'], '127.0.0.5', true],
    ['deny', [], '127.0.0.5', true],
    ['allow', ['::1'], '::1', true],
    ['allow', ['0:0::/64'], '::1', true],
    ['allow', ['::2/127'], '::1', false],
    ['allow', ['0.0.0.0/0'], '::1', false],
    ['allow', [], '::1', false],
    ['deny', ['::1'], '::1', false],
    ['deny', ['::/0'], '::1', false],
    ['deny', ['0.0.0.0/0'], '::1', true],
  ]
  for (const [kind, addresses, from, served] of cases) {
    const access = { kind, addresses }
    testWithCurl(`${kind} ${addresses.join(', ') || 'nothing'}: from ${from}`, () =>
      served ? isServed(access, from) : isRefused(access, from),
    )
  }
})

async function isServed(access: AccessList, from: string): Promise<void> {
  await using serving = await start(access, from)
  expect(await curl(serving, from)).toEqual({ status: 0, printed: 'served' })
  const counters = serving.engine.counters()[0]
  expect(counters).toMatchObject({ connections: 1, refusedConnections: 0, requests: 1 })
}

async function isRefused(access: AccessList, from: string): Promise<void> {
  await using serving = await start(access, from)
  const { status, printed } = await curl(serving, from)
  // The reset came before curl had seen the connection stand, or after.
  expect([7, 56]).toContain(status)
  expect(printed).toBe('')
  const counters = serving.engine.counters()[0]
  expect(counters).toMatchObject({ connections: 0, refusedConnections: 1, requests: 0 })
}

/** Serves at an address of the client's kind. */
async function start(access: AccessList, from: string): Promise<Serving> {
  // IPv6 has one loopback address only: the port has to be our own.
  const port = 18_080 + Number(process.env.VITEST_POOL_ID ?? 0)
  const serving = await Serving.start([], isIPv6(from) ? { address: '::1', port } : {})
  await serving.apply([origin], { access })
  return serving
}

describe.each(['handle', 'socket'] as const)('over wires of kind %s', (wireKind) => {
  test('a refused connection is closed before a byte of it, and leaves nothing behind', async () => {
    await using serving = await Serving.start([origin], { wireKind })
    await serving.apply([origin], deny('127.0.0.0/8'))
    await untilRefused(serving)
    await serving.untilQuiet()
  })

  test('a change is for new connections: those that stand go on', async () => {
    await using serving = await Serving.start([origin], { wireKind })
    await using before = await serving.connect()
    before.send(request)
    await before.until(/served$/)
    await serving.apply([origin], deny('127.0.0.0/8'))
    await untilRefused(serving)
    before.take()
    before.send(request)
    await before.until(/served$/)
    await serving.apply([origin], allow('127.0.0.1'))
    await using admitted = await serving.connect()
    admitted.send(request)
    await admitted.until(/served$/)
    await serving.apply([origin])
    await using anybody = await serving.connect()
    anybody.send(request)
    await anybody.until(/served$/)
    expect(serving.engine.counters()[0]).toMatchObject({ connections: 3, refusedConnections: 1 })
  })

  test('a TCP listener has one too', async () => {
    await using serving = await Serving.start([origin], { wireKind, protocol: 'tcp' })
    await serving.apply([origin], allow('192.0.2.1'))
    await untilRefused(serving)
    expect(serving.engine.counters()[0]).toMatchObject({ connections: 0, refusedConnections: 1 })
  })
})
