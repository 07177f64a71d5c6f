import { connect } from 'node:tls'
import { expect, test } from 'vitest'
import { Serving } from '../../../test/support/serving.ts'
import { snapshotCertificate, usualTls } from '../../../test/support/tls.ts'

const usual = await snapshotCertificate({ names: ['usual.example.com'] })
const named = await snapshotCertificate({ names: ['www.example.com'] })

/** The OCSP response that a client gets which asks for one; null: none. */
function shownTo(serving: Serving, servername: string): Promise<string | null> {
  const { promise, resolve, reject } = Promise.withResolvers<string | null>()
  const { address: host, port } = serving
  const options = { host, port, servername, requestOCSP: true, rejectUnauthorized: false }
  const socket = connect(options)
  socket.on('OCSPResponse', (response: Buffer | null) => {
    const text = response?.toString() ?? ''
    resolve(text === '' ? null : text)
    socket.destroy()
  })
  socket.on('error', reject)
  return promise
}

test('an OCSP response is shown with the certificate that it is about, and with no other', async () => {
  const tls = { ...usualTls(usual), sni: [named.id] }
  await using serving = await Serving.start([], { certificates: [usual, named], tls })
  expect(await shownTo(serving, 'usual.example.com')).toBeNull()
  serving.engine.setStaple(usual.id, Buffer.from('of the usual one'))
  expect(await shownTo(serving, 'usual.example.com')).toBe('of the usual one')
  expect(await shownTo(serving, 'www.example.com')).toBeNull()
  serving.engine.setStaple(named.id, Buffer.from('of the one with that name'))
  expect(await shownTo(serving, 'www.example.com')).toBe('of the one with that name')
  serving.engine.setStaple(usual.id, null)
  expect(await shownTo(serving, 'usual.example.com')).toBeNull()
})
