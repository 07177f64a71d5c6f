import { execFile } from 'node:child_process'
import { accessSync, constants, realpathSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { testWith } from './needs.ts'
import type { Weir } from './weir.ts'

/** What a command line left behind. */
export interface Outcome {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/** Every AWS CLI on the PATH, once each: of machines that have versions 1 and 2, both. */
const programs = [...new Set((process.env.PATH ?? '').split(delimiter).flatMap(programIn))]

/** Weir's users type into a shell, so commands are given as they type them: `aws elb describe-tags --load-balancer-names a`. */
export class AwsCli {
  readonly #weir: Weir
  readonly #program: string
  readonly #folder: string

  /** @param folder where `file://` parameters are looked up */
  constructor(weir: Weir, program: string, folder: string) {
    this.#weir = weir
    this.#program = program
    this.#folder = folder
  }

  /** The answer of a command that succeeds; null for one that answers nothing. */
  async json(commandLine: string): Promise<unknown> {
    const output = await this.text(commandLine)
    return output.trim() === '' ? null : JSON.parse(output)
  }

  /** What a command that succeeds prints. */
  async text(commandLine: string): Promise<string> {
    const { exitCode, stdout, stderr } = await this.run(commandLine)
    if (exitCode === 0) return stdout
    throw new Error(`${commandLine}\nended with ${exitCode}: ${stderr}`)
  }

  run(commandLine: string): Promise<Outcome> {
    const { promise, resolve } = Promise.withResolvers<Outcome>()
    execFile(
      'sh',
      ['-c', `aws() { "$AWS_PROGRAM" --endpoint-url "$WEIR_API" "$@"; }\n${commandLine}`],
      { cwd: this.#folder, env: this.#environment() },
      (error, stdout, stderr) => {
        const exitCode = error === null ? 0 : Number(error.code ?? -1)
        resolve({ exitCode, stdout, stderr })
      },
    )
    return promise
  }

  /** Nothing that this machine's users have set for AWS. */
  #environment(): Record<string, string | undefined> {
    const others = Object.entries(process.env).filter(([name]) => !name.startsWith('AWS_'))
    return {
      ...Object.fromEntries(others),
      ...this.#weir.awsEnvironment,
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
      AWS_PROGRAM: this.#program,
      WEIR_API: this.#weir.api,
    }
  }
}

/** A test that runs once with every AWS CLI that there is. */
export function testWithAwsCli(name: string, run: (program: string) => Promise<void>): void {
  const test = testWith('aws', 'awscli')
  if (programs.length === 0) test(name, () => run('aws'))
  for (const program of programs) test(`${name} (${program})`, () => run(program), timeoutMs)
}

/** One command takes a second of CPU, and more on a machine that does other things too. */
const timeoutMs = 120_000

function programIn(folder: string): string[] {
  const path = join(folder, 'aws')
  try {
    accessSync(path, constants.X_OK)
    return [realpathSync(path)]
  } catch {
    return []
  }
}
