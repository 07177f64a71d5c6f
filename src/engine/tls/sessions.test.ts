import { randomBytes } from 'node:crypto'
import type { ConnectionOptions } from 'node:tls'
import { describe, expect, test } from 'vitest'
import { Origin } from '../../../test/support/peer.ts'
import { ok, Serving } from '../../../test/support/serving.ts'
import { snapshotCertificate, usualTls } from '../../../test/support/tls.ts'

const certificate = await snapshotCertificate()
const other = await snapshotCertificate()
const certificates = [certificate, other]
const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'

function serve(origin: Origin): Promise<Serving> {
  return Serving.start([origin], { certificates, tls: usualTls(certificate) })
}

/** A session that can be resumed; with one, whether it was. */
async function session(serving: Serving, options: ConnectionOptions) {
  await using client = await serving.connect(options)
  client.send(get)
  await client.until('200 OK')
  return { session: client.session as Buffer, reused: client.tls.isSessionReused() }
}

describe.each(['TLSv1.2', 'TLSv1.3'] as const)('sessions of %s', (maxVersion) => {
  test('are resumed at another engine with the same keys, and outlive a change of the certificate', async () => {
    await using origin = await Origin.answering(ok('x'))
    await using serving = await serve(origin)
    await using sibling = await serve(origin)
    const keys = randomBytes(48)
    serving.engine.setTicketKeys([keys])
    const first = await session(serving, { maxVersion })
    // That it has shaken hands before must not matter.
    await session(sibling, { maxVersion })
    sibling.engine.setTicketKeys([keys])
    expect(first.reused).toBe(false)
    expect((await session(sibling, { maxVersion, session: first.session })).reused).toBe(true)
    await sibling.apply([origin], { tls: usualTls(other) })
    expect((await session(sibling, { maxVersion, session: first.session })).reused).toBe(true)
  })

  test('are resumed while their keys are among those that are given, and not under others', async () => {
    await using origin = await Origin.answering(ok('x'))
    await using serving = await serve(origin)
    const [old, next, last] = [randomBytes(48), randomBytes(48), randomBytes(48)]
    serving.engine.setTicketKeys([old])
    const first = await session(serving, { maxVersion })
    serving.engine.setTicketKeys([next, old])
    expect((await session(serving, { maxVersion, session: first.session })).reused).toBe(true)
    serving.engine.setTicketKeys([last, next])
    expect((await session(serving, { maxVersion, session: first.session })).reused).toBe(false)
  })

  test('are not resumed at another listener', async () => {
    await using origin = await Origin.answering(ok('x'))
    await using serving = await serve(origin)
    const first = await session(serving, { maxVersion })
    await serving.apply([origin], { id: 'another' })
    expect((await session(serving, { maxVersion, session: first.session })).reused).toBe(false)
  })
})

test('a client of TLS 1.3 that has used its ticket is given another, under the newest keys', async () => {
  await using origin = await Origin.answering(ok('x'))
  await using serving = await serve(origin)
  const [old, next] = [randomBytes(48), randomBytes(48)]
  serving.engine.setTicketKeys([old])
  const first = await session(serving, {})
  serving.engine.setTicketKeys([next, old])
  const second = await session(serving, { session: first.session })
  serving.engine.setTicketKeys([next])
  expect((await session(serving, { session: second.session })).reused).toBe(true)
})
