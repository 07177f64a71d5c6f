import tls from 'node:tls'
import { expect, test } from 'vitest'
import { selfSigned } from '../../../test/support/certificate-authority.ts'
import { ManualClock } from '../../../test/support/manual-clock.ts'
import { answering, RawInstance } from '../../../test/support/raw-instance.ts'
import { keyPair } from '../../../test/support/tls.ts'
import type { HealthCheck } from '../../snapshot/snapshot.ts'
import type { Verdict } from './attempt.ts'
import { probeHttp } from './probe-http.ts'
import { probeTcp } from './probe-tcp.ts'

const certificate = await selfSigned()
const other = await selfSigned()

type Serve = Parameters<typeof RawInstance.listen>[0]

function encrypted(serve: Serve): Serve {
  const secureContext = tls.createSecureContext(keyPair(certificate))
  return (tcp) => {
    const socket = new tls.TLSSocket(tcp, { isServer: true, secureContext })
    socket.on('error', () => undefined)
    serve(socket)
  }
}

/** What is said of an instance that serves so; nothing is left of the check then. */
async function verdict(
  protocol: 'tcp' | 'http',
  serve: Serve,
  publicKeys: readonly string[] | null = null,
  meanwhile: (clock: ManualClock, instance: RawInstance) => Promise<void> = async () => {},
): Promise<Verdict> {
  const clock = new ManualClock()
  await using instance = await RawInstance.listen(serve)
  const base = { id: 'check', host: '127.0.0.1', port: instance.port, interval: 30_000 }
  const limits = { timeout: 5000, healthyThreshold: 10, unhealthyThreshold: 2 }
  const check: HealthCheck =
    protocol === 'tcp'
      ? { ...base, ...limits, probe: { protocol, tls: { publicKeys } } }
      : { ...base, ...limits, probe: { protocol, path: '/', tls: { publicKeys } } }
  const attempt =
    protocol === 'tcp'
      ? probeTcp(check, clock)
      : probeHttp(check, { protocol: 'http', path: '/' }, clock)
  await meanwhile(clock, instance)
  const given = await attempt.verdict
  expect(clock.pending).toBe(0)
  return given
}

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'
const nothing: Serve = () => undefined

test('an SSL check passes when the handshake is over', async () => {
  expect(await verdict('tcp', encrypted(nothing))).toEqual({
    kind: 'passed',
    detail: 'TLS handshake completed',
  })
})

test('an HTTPS check passes when GET is answered 200', async () => {
  expect(await verdict('http', encrypted(answering(ok)))).toEqual({
    kind: 'passed',
    detail: 'answered 200',
  })
  const busy = 'HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n'
  expect(await verdict('http', encrypted(answering(busy)))).toEqual({
    kind: 'failed',
    detail: 'answered 503',
  })
})

test.each(['tcp', 'http'] as const)(
  'a %s check wants one of the public keys, if there are any',
  async (protocol) => {
    const serve = encrypted(answering(ok))
    const known = [other.publicKey, certificate.publicKey]
    expect((await verdict(protocol, serve, known)).kind).toBe('passed')
    expect(await verdict(protocol, serve, [other.publicKey])).toEqual({
      kind: 'failed',
      detail: 'the certificate has another public key',
    })
  },
)

test('an instance that does not speak TLS fails', async () => {
  expect(await verdict('tcp', answering('220 smtp\r\n'))).toEqual({
    kind: 'failed',
    detail: 'TLS handshake failed (ERR_SSL_WRONG_VERSION_NUMBER)',
  })
  expect(await verdict('http', (socket) => socket.destroy())).toEqual({
    kind: 'failed',
    detail: 'TLS handshake failed (ECONNRESET)',
  })
})

test('a handshake that does not end in time fails', async () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const serve: Serve = (socket) => socket.once('data', () => resolve())
  const late = async (clock: ManualClock) => {
    await promise
    clock.advance(5000)
  }
  expect(await verdict('tcp', serve, null, late)).toEqual({
    kind: 'failed',
    detail: 'no TLS handshake within 5 s',
  })
})
