/** Debian's `openstack` command, as its users type it: names of resources, no URLs. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { testWith } from './needs.ts'
import type { Weir } from './weir.ts'

// biome-ignore lint/suspicious/noExplicitAny: answers are looked at as they come
export type Printed = any

export class OpenStackCli {
  readonly #environment: Record<string, string>

  constructor({ api, region }: Weir) {
    this.#environment = {
      PATH: process.env.PATH ?? '',
      OS_AUTH_URL: `${api}/v3`,
      OS_USERNAME: 'test',
      OS_PASSWORD: 'test',
      OS_USER_DOMAIN_NAME: 'Default',
      OS_PROJECT_NAME: region,
      OS_PROJECT_DOMAIN_NAME: 'Default',
    }
  }

  /**
   * Runs commands in turn, in one process: its start takes seconds.
   * @param commands without `openstack`; of those with `-f json` comes what they print, in their order
   * @throws Error when one is refused
   */
  async run(...commands: string[]): Promise<Printed[]> {
    const { stdout, stderr } = await this.#session(commands)
    if (stderr !== '') throw new Error(`${commands.join('\n')}\nsaid: ${stderr}`)
    const documents = stdout.match(/^(\{$[\s\S]*?^\}|\[$[\s\S]*?^\]|\[\])$/gm) ?? []
    return documents.map((document) => JSON.parse(document))
  }

  /** What a command says that is refused. */
  async refusal(command: string): Promise<string> {
    return (await this.#session([command])).stderr
  }

  async #session(commands: readonly string[]): Promise<{ stdout: string; stderr: string }> {
    const child = spawn('openstack', { env: this.#environment })
    child.stdin.end(commands.map((command) => `${command}\n`).join(''))
    const [stdout, stderr] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close'),
    ])
    return { stdout, stderr }
  }
}

/** A test that runs where the command and its part for load balancers are installed. */
export function testWithOpenStack(name: string, run: () => Promise<void>): void {
  const packages = 'python3-octaviaclient, with python3-openstackclient'
  testWith('openstack', packages)(name, run, timeoutMs)
}

/** Its start alone takes a second of CPU. */
const timeoutMs = 120_000
