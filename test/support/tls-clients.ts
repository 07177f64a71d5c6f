/** What TLS clients of Debian find out about a listener. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** The protocols that a listener may speak, by their names in policies; as `openssl s_client` has them. */
const clientOptions = {
  TLSv1: '-tls1',
  'TLSv1.1': '-tls1_1',
  'TLSv1.2': '-tls1_2',
  'TLSv1.3': '-tls1_3',
}

export type ClientProtocol = keyof typeof clientOptions

export const clientProtocols = Object.keys(clientOptions) as ClientProtocol[]

export interface Scan {
  /** Those that are spoken, SSL 2.0 and 3.0 among those that were asked for. */
  readonly protocols: readonly string[]
  /** By protocol: what is agreed on, in the order in which the listener takes them from a client that has all that are left. */
  readonly ciphers: Readonly<Record<string, readonly string[]>>
}

/**
 * All that a listener agrees on. sslscan offers every cipher suite that ever had a number: those that its OpenSSL lacks, it writes
 * itself.
 */
export async function scan(host: string, port: number): Promise<Scan> {
  const checks = ['heartbleed', 'compression', 'fallback', 'renegotiation', 'groups']
  const without = [...checks, 'check-certificate'].map((check) => `--no-${check}`)
  const { stdout } = await run('sslscan', ['--xml=-', ...without, `${host}:${port}`])
  const protocols = [...stdout.matchAll(/type="(\w+)" version="([\d.]+)" enabled="1"/g)]
  const ciphers: Record<string, string[]> = {}
  for (const [, protocol = '', cipher = ''] of stdout.matchAll(
    /sslversion="([^"]+)" .*cipher="([^"]+)"/g,
  )) {
    ciphers[protocolName(protocol)] ??= []
    ciphers[protocolName(protocol)]?.push(cipher)
  }
  return {
    protocols: protocols.map(([, type = '', version = '']) => {
      return protocolName(`${type.toUpperCase()}v${version}`)
    }),
    ciphers,
  }
}

/**
 * One whole handshake of `openssl s_client`, whatever the machine's configuration of OpenSSL says.
 * @returns the cipher; undefined when there is no agreement
 */
export async function handshake(
  host: string,
  port: number,
  protocol: ClientProtocol,
  ciphers: readonly string[],
): Promise<string | undefined> {
  const offered = ['-cipher', `${ciphers.join(':')}:@SECLEVEL=0`, clientOptions[protocol]]
  const command = ['s_client', '-connect', `${host}:${port}`, ...offered]
  const client = run('openssl', command, { env: { ...process.env, OPENSSL_CONF: '/dev/null' } })
  client.child.stdin?.end()
  const { stdout } = await client.catch((error: { stdout: string }) => error)
  const [, cipher] = /^New, .*, Cipher is ([\w-]+)$/m.exec(stdout) ?? []
  const [, spoken] = /^ {4}Protocol {2}: (.*)$/m.exec(stdout) ?? []
  return spoken === protocol && cipher !== '0000' ? cipher : undefined
}

function protocolName(name: string): string {
  return name.replace('TLSv1.0', 'TLSv1')
}
