import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { EC2Client, StartInstancesCommand, StopInstancesCommand } from '@aws-sdk/client-ec2'
import { expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { testWith } from '../support/needs.ts'

/** `weir demo`, and what it prints. */
class Demo implements AsyncDisposable {
  output = ''
  readonly temporary = mkdtempSync(join(tmpdir(), 'weir-demo-test-'))
  readonly #process = spawn(
    process.execPath,
    [
      new URL('../../src/cli/main.ts', import.meta.url).pathname,
      'demo',
      ...['--api', '127.0.0.1:0', '--dns', '127.0.0.1:0', '--threads', '2'],
      ...['--default-vpc', `127.${20 + Number(process.env.VITEST_POOL_ID ?? 0) * 4}.0.0/16`],
    ],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, TMPDIR: this.temporary },
    },
  )

  constructor() {
    this.#process.stdout.on('data', (chunk: Buffer) => {
      this.output += chunk.toString()
    })
  }

  /** Requests that each of the four instances answered in the newest round, and how many failed. */
  get lastRound(): { counts: number[]; failed: number } | undefined {
    const line = this.output.split('\n').findLast((text) => /failed \d+$/.test(text))
    if (line === undefined) return undefined
    const counts = [...line.matchAll(/(\d+)[ ×](?= |$)/g)].slice(0, 4).map(([, n]) => Number(n))
    return { counts, failed: Number(/failed (\d+)$/.exec(line)?.[1]) }
  }

  async stop(): Promise<number | null> {
    if (this.#process.exitCode === null) {
      const exited = once(this.#process, 'exit')
      this.#process.kill('SIGINT')
      await exited
    }
    return this.#process.exitCode
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
    await rm(this.temporary, { recursive: true })
  }
}

testWith('curl', 'curl')(
  'the curl commands that the demo prints speak HTTPS to an instance',
  async () => {
    await using demo = new Demo()
    await eventually('commands', () => demo.output.includes('describe-load-balancers'))
    const commands = demo.output.split('\n').filter((line) => /curl .*ca\.pem/.test(line))
    const options = { cwd: demo.temporary }
    const { stdout } = await promisify(execFile)('sh', ['-ec', commands.join('\n')], options)
    expect(stdout).toMatch(/^Hello from i-/)
  },
  120_000,
)

test('the demo splits traffic over four instances, and follows when one is stopped and started', async () => {
  await using demo = new Demo()
  await eventually('traffic to all four instances', () =>
    demo.lastRound?.counts.every((n) => n > 0),
  )
  const [, endpoint = ''] = /api (\S+),/.exec(demo.output) ?? []
  const [, instance = ''] = /--instance-ids (\S+)/.exec(demo.output) ?? []
  const credentials = { accessKeyId: 'demo', secretAccessKey: 'demo' }
  const ec2 = new EC2Client({ endpoint, region: 'us-west-2', credentials })

  await ec2.send(new StopInstancesCommand({ InstanceIds: [instance] }))
  await eventually('three instances', () => demo.lastRound?.counts[0] === 0)
  expect(demo.lastRound?.counts.slice(1).every((n) => n > 0)).toBe(true)
  await ec2.send(new StartInstancesCommand({ InstanceIds: [instance] }))
  await eventually('four instances again', () => demo.lastRound?.counts.every((n) => n > 0))
  expect(demo.output).not.toMatch(/failed [1-9]/)
  ec2.destroy()
  expect(await demo.stop()).toBe(0)
  expect(readdirSync(demo.temporary)).toEqual([])
}, 120_000)
