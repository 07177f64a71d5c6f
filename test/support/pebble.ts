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

/** Pebble, Let's Encrypt's ACME server for tests, on a loopback address of its own. It refuses one nonce in ten, as real ones may. */
export class Pebble implements AsyncDisposable {
  readonly directory: string
  /** PEM file of what its own certificate comes from. */
  readonly caFile: string
  readonly #process: ChildProcess
  readonly #folder: string
  readonly #management: string
  readonly #ca: string
  readonly output: () => string

  private constructor(child: ChildProcess, folder: string, ca: string, output: () => string) {
    this.#process = child
    this.#folder = folder
    this.#ca = ca
    this.directory = `https://${address}:14000/dir`
    this.#management = `https://${address}:15000`
    this.caFile = join(folder, 'certificate.pem')
    this.output = output
  }

  static async start({ dns, httpPort = 80, life }: PebbleOptions): Promise<Pebble> {
    const folder = mkdtempSync(join(tmpdir(), 'weir-pebble-'))
    const own = await ownCertificate
    const files = { certificate: 'certificate.pem', privateKey: 'key.pem' }
    writeFileSync(join(folder, files.certificate), own.certificate)
    writeFileSync(join(folder, files.privateKey), own.privateKey)
    const pebble = {
      listenAddress: `${address}:14000`,
      managementListenAddress: `${address}:15000`,
      ...files,
      httpPort,
      tlsPort: 1,
      domainBlocklist: [blockedDomain],
      ...(life === undefined ? {} : { certificateValidityPeriod: life }),
    }
    writeFileSync(join(folder, 'config.json'), JSON.stringify({ pebble }))
    const child = spawn('pebble', ['-config', 'config.json', '-dnsserver', dns], {
      cwd: folder,
      env: { ...process.env, PEBBLE_VA_NOSLEEP: '1', PEBBLE_WFE_NONCEREJECT: '10' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const output = await listening(child)
    return new Pebble(child, folder, own.certificate, output)
  }

  /** PEM of the root that its certificates come from. */
  async root(): Promise<string> {
    const asking = request(`${this.#management}/roots/0`, { ca: this.#ca }).end()
    const [response] = await once(asking, 'response')
    return text(response)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#process, 'exit')
    this.#process.kill()
    await ended
    rmSync(this.#folder, { recursive: true })
  }
}

/** Resolves when it listens, with what gives all that it has printed. */
async function listening(child: ChildProcess): Promise<() => string> {
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
  return () => output
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
