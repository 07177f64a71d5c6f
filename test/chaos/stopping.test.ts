import { mkdtempSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { createLoadBalancer, Instance, nodeAddresses } from '../support/system.ts'
import { Weir } from '../support/weir.ts'

test('SIGTERM lets the request in flight finish, refuses new connections, and exits 0', async () => {
  await using weir = await Weir.start()
  const arrived = Promise.withResolvers<void>()
  const release = Promise.withResolvers<void>()
  await using instance = await Instance.declare(weir, 'us-west-2a', async (_, response) => {
    arrived.resolve()
    await release.promise
    response.end('late')
  })
  await createLoadBalancer(weir, 'draining', [instance])
  const [node = ''] = await nodeAddresses(weir, 'draining')

  const answer = get(node)
  await arrived.promise
  const stopped = weir.stop('SIGTERM')
  await refused(node)
  release.resolve()
  expect(await answer).toBe('late')
  expect(await stopped).toBe(0)
})

test('a second signal ends it at once, whatever is in flight', async () => {
  await using weir = await Weir.start({ index: 1 })
  const arrived = Promise.withResolvers<void>()
  await using instance = await Instance.declare(weir, 'us-west-2a', () => arrived.resolve())
  await createLoadBalancer(weir, 'hurried', [instance])
  const [node = ''] = await nodeAddresses(weir, 'hurried')

  const answer = get(node).catch((error: Error) => error)
  await arrived.promise
  weir.process.kill('SIGTERM')
  await refused(node)
  expect(await weir.stop('SIGTERM')).not.toBe(0)
  expect(await answer).toBeInstanceOf(Error)
})

test('a hangup outside of a terminal stops nothing', async () => {
  await using weir = await Weir.start({ index: 3 })
  weir.process.kill('SIGHUP')
  expect((await fetch(`${weir.api}/readyz`)).status).toBe(200)
  expect(await weir.stop()).toBe(0)
})

test('what was answered is there after kill -9 of everything', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'weir-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const args = ['--data', join(folder, 'data'), '--auth', 'none']
  const first = await Weir.start({ index: 2, dev: false, args })
  await using instance = await Instance.declare(first, 'us-west-2a')
  await createLoadBalancer(first, 'kept', [instance])
  await first.kill()

  await using second = await Weir.start({ index: 2, dev: false, args })
  const [node = ''] = await nodeAddresses(second, 'kept')
  expect(await eventually('an answer', () => get(node))).toBe(instance.id)
})

function get(host: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request({ host, port: 8080, agent: false }, (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (text: string) => {
        body += text
      })
      response.once('end', () => resolve(body))
    })
    sent.once('error', reject).end()
  })
}

/** Resolves when the node takes no connection any more. */
async function refused(host: string): Promise<void> {
  await eventually('connections to be refused', () => {
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const socket = connect({ host, port: 8080 }, () => resolve(false))
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ECONNREFUSED'))
    return promise.finally(() => socket.destroy())
  })
}
