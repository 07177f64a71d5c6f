/** Certificates by name and mutual TLS, as curl and openssl see them over IPv4 and IPv6. */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { isIPv6 } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { CertificateAuthority, selfSigned } from '../../../test/support/certificate-authority.ts'
import { testWith } from '../../../test/support/needs.ts'
import { Origin } from '../../../test/support/peer.ts'
import { ok, Serving } from '../../../test/support/serving.ts'
import { snapshotCertificate, usualTls } from '../../../test/support/tls.ts'

const folder = mkdtempSync(join(tmpdir(), 'weir-real-clients-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** What a client is to do: the name that it asks for, null for none, and the files of its certificate. */
interface Visit {
  readonly name: string | null
  readonly identity?: string
}

/** What came of it: the first name of the server's certificate, and whether an instance answered. */
interface Outcome {
  readonly shown: string | undefined
  readonly served: boolean
}

function run(program: string, args: string[], input: string): Promise<string> {
  return new Promise((resolve) => {
    const child = execFile(program, args, (_, stdout, stderr) => resolve(stdout + stderr))
    child.stdin?.end(input)
  })
}

async function curl({ address, port }: Serving, { name, identity }: Visit): Promise<Outcome> {
  const host = isIPv6(address) ? `[${address}]` : address
  const asked = name ?? host
  const args = ['-sv', '--insecure', '--globoff', '--noproxy', '*']
  if (name !== null) args.push('--resolve', `${name}:${port}:${host}`)
  if (identity !== undefined) args.push('--cert', `${identity}.pem`, '--key', `${identity}.key`)
  const text = await run('curl', [...args, `https://${asked}:${port}/`], '')
  const [, shown] = /subject: CN=(\S+)/.exec(text) ?? []
  return { shown, served: /^served/m.test(text) }
}

async function openssl({ address, port }: Serving, { name, identity }: Visit): Promise<Outcome> {
  const host = isIPv6(address) ? `[${address}]` : address
  const args = ['s_client', '-ign_eof', '-connect', `${host}:${port}`]
  args.push(...(name === null ? ['-noservername'] : ['-servername', name]))
  if (identity !== undefined) args.push('-cert', `${identity}.pem`, '-key', `${identity}.key`)
  const text = await run('openssl', args, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
  const [, shown] = /^subject=CN ?= ?(\S+)$/m.exec(text) ?? []
  return { shown, served: /^served/m.test(text) }
}

let origin: Origin
beforeAll(async () => {
  origin = await Origin.answering(ok('served\n'))
})
afterAll(() => origin[Symbol.asyncDispose]())

const usual = await snapshotCertificate({ names: ['default.test'], key: 'RSA-2048' })
const exact = await snapshotCertificate({ names: ['www.example.com'] })
const wild = await snapshotCertificate({ names: ['*.example.com'] })
const certificates = [usual, exact, wild]
const authority = await CertificateAuthority.create('Clients')

const names: readonly [string | null, wildcard: string, longest: string][] = [
  [null, 'default.test', 'default.test'],
  ['nobody.test', 'default.test', 'default.test'],
  ['www.example.com', 'www.example.com', 'www.example.com'],
  ['one.example.com', '*.example.com', '*.example.com'],
  ['one.two.example.com', 'default.test', '*.example.com'],
]

const past = { notBefore: new Date('2020-01-01'), notAfter: new Date('2021-01-01') }
const stranger = await CertificateAuthority.create('Strangers')
const identities = {
  good: await authority.server({ usage: 'client' }),
  expired: await authority.server({ usage: 'client', ...past }),
  unknown: await stranger.server({ usage: 'client' }),
  own: await selfSigned(),
  server: await authority.server(),
}
for (const [name, { certificate, privateKey }] of Object.entries(identities)) {
  writeFileSync(join(folder, `${name}.pem`), certificate)
  writeFileSync(join(folder, `${name}.key`), privateKey)
}

describe.each([
  ['curl', 'IPv4', curl],
  ['curl', 'IPv6', curl],
  ['openssl', 'IPv4', openssl],
  ['openssl', 'IPv6', openssl],
] as const)('%s over %s', (program, family, visit) => {
  const place = family === 'IPv4' ? {} : { address: '::1', port: 20_000 + (process.pid % 10_000) }
  const test = testWith(program, program)

  test('is shown the certificate for the name that it asks for', async () => {
    for (const sniMatch of ['wildcard', 'longest-suffix'] as const) {
      const tls = usualTls(usual, { sni: [exact.id, wild.id], sniMatch })
      await using serving = await Serving.start([origin], { certificates, tls, ...place })
      for (const [name, one, longest] of names) {
        const shown = sniMatch === 'wildcard' ? one : longest
        expect([name, await visit(serving, { name })]).toEqual([name, { shown, served: true }])
      }
    }
  })

  test('is served with a certificate of the authority that is asked for, and with no other', async () => {
    const tls = usualTls(usual, { clientCa: authority.certificate })
    await using serving = await Serving.start([origin], { certificates, tls, ...place })
    const served = async (identity?: string) => {
      const path = identity === undefined ? {} : { identity: join(folder, identity) }
      return (await visit(serving, { name: 'default.test', ...path })).served
    }
    expect(await served()).toBe(false)
    for (const name of Object.keys(identities)) {
      expect([name, await served(name)]).toEqual([name, name === 'good'])
    }
  })
})
