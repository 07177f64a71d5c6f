import 'reflect-metadata'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import {
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509'
import { ownAddress } from './serving.ts'

export interface PebbleOptions {
  /** HOST:PORT of the DNS server that it asks, for everything. */
  readonly dns: string
  /** The port that it asks for proofs over HTTP. */
  readonly httpPort?: number
  /** How long its certificates are valid, in seconds. */
  readonly life?: number
}

/** A domain that it signs nothing for. */
export const blockedDomain = 'blocked.example'

/** The same for all of a process, one after the other: what a client trusts is set once. */
const address = ownAddress()
const ownCertificate = selfSigned()
const files = { certificate: 'certificate.pem', privateKey: 'key.pem' }

/** Pebble, Let's Encrypt's ACME server for tests, on a loopback address of its own. It refuses one nonce in ten, as real ones may. */
export class Pebble implements AsyncDisposable {
  readonly directory = `https://${address}:14000/dir`
  /** PEM file of what its own certificate comes from. */
  readonly caFile: string
  readonly #folder: string
  readonly #ca: string
  #process: ChildProcess | undefined

  private constructor(folder: string, ca: string) {
    this.#folder = folder
    this.#ca = ca
    this.caFile = join(folder, files.certificate)
  }

  /** Ready to be started: a client may be told of it before. */
  static async create(): Promise<Pebble> {
    const folder = mkdtempSync(join(tmpdir(), 'weir-pebble-'))
    const { certificate, privateKey } = await ownCertificate
    writeFileSync(join(folder, files.certificate), certificate)
    writeFileSync(join(folder, files.privateKey), privateKey)
    return new Pebble(folder, certificate)
  }

  /** Resolves when it listens. */
  async start({ dns, httpPort = 80, life }: PebbleOptions): Promise<void> {
    const pebble = {
      listenAddress: `${address}:14000`,
      managementListenAddress: `${address}:15000`,
      ...files,
      httpPort,
      tlsPort: 1,
      domainBlocklist: [blockedDomain],
      ...(life === undefined ? {} : { certificateValidityPeriod: life }),
    }
    writeFileSync(join(this.#folder, 'config.json'), JSON.stringify({ pebble }))
    this.#process = spawn('pebble', ['-config', 'config.json', '-dnsserver', dns], {
      cwd: this.#folder,
      env: { ...process.env, PEBBLE_VA_NOSLEEP: '1', PEBBLE_WFE_NONCEREJECT: '10' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    await listening(this.#process)
  }

  /** PEM of the root that its certificates come from. */
  async root(): Promise<string> {
    const asking = request(`https://${address}:15000/roots/0`, { ca: this.#ca }).end()
    const [response] = await once(asking, 'response')
    return text(response)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process !== undefined) {
      const ended = once(this.#process, 'exit')
      this.#process.kill()
      await ended
    }
    rmSync(this.#folder, { recursive: true })
  }
}

async function listening(child: ChildProcess): Promise<void> {
  let output = ''
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const take = (chunk: Buffer) => {
    output += chunk.toString()
    if (output.includes('ACME directory available')) resolve()
  }
  child.stdout?.on('data', take)
  child.stderr?.on('data', take)
  child.once('exit', (code) => reject(new Error(`pebble ended with ${code}:\n${output}`)))
  await promise
}

async function selfSigned() {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=Pebble',
    keys,
    signingAlgorithm: algorithm,
    extensions: [new SubjectAlternativeNameExtension([{ type: 'ip', value: address }])],
  })
  const pkcs8 = await crypto.subtle.exportKey('pkcs8', keys.privateKey)
  const privateKey = PemConverter.encode(pkcs8, PemConverter.PrivateKeyTag)
  return { certificate: certificate.toString('pem'), privateKey }
}
