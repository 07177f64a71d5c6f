import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, mkdtempSync, openSync, renameSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { childProcess } from '../support/child-processes.ts'
import { eventually } from '../support/eventually.ts'
import { Weir } from '../support/weir.ts'

test('both processes come back when they are killed at the same moment', async () => {
  await using weir = await Weir.start()
  const supervisor = weir.process.pid ?? 0
  const killed = [childProcess(supervisor, 'control'), childProcess(supervisor, 'proxy')]
  for (const pid of killed) process.kill(pid ?? 0, 'SIGKILL')
  const isReady = async () => (await fetch(`${weir.api}/readyz`)).status === 200
  expect(await eventually('the system to be ready', isReady)).toBe(true)
  expect(killed).not.toContain(childProcess(supervisor, 'control'))
})

test('children end with a supervisor that is killed before they are up', async () => {
  const supervisor = serve(['--auth', 'none', '--data', join(folder(), 'data')], 'ignore')
  const children = await eventually('both children', () => {
    const pids = [
      childProcess(supervisor.pid ?? 0, 'control'),
      childProcess(supervisor.pid ?? 0, 'proxy'),
    ]
    return pids.every((pid) => pid !== undefined) && pids
  })
  supervisor.kill('SIGKILL')
  await once(supervisor, 'exit')
  await eventually('the children to end', () => !children.some((pid) => existsSync(`/proc/${pid}`)))
})

test('a new start takes over at once, though a client holds the control process whose supervisor was killed', async () => {
  const args = ['--auth', 'none', '--data', join(folder(), 'data')]
  const first = await Weir.start({ dev: false, args })
  const { hostname, port } = new URL(first.api)
  const client = connect(Number(port), hostname).on('error', () => {})
  onTestFinished(() => {
    client.destroy()
  })
  client.write('POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n')
  await once(client, 'data')
  await first.stop('SIGKILL')
  await using second = await Weir.start({ dev: false, args })
  const isReady = async () => (await fetch(`${second.api}/readyz`)).status === 200
  expect(await eventually('the system to be ready', isReady)).toBe(true)
})

test('a missing key file is missed, not made anew', async () => {
  const data = join(folder(), 'data')
  await using first = await Weir.start({ dev: false, args: ['--data', data] })
  await first.stop()
  renameSync(`${data}.key`, `${data}.kept`)
  const start = Weir.start({ dev: false, args: ['--data', data] })
  await expect(start).rejects.toThrow(`key file ${data}.key is missing`)
  expect(existsSync(`${data}.key`)).toBe(false)
  renameSync(`${data}.kept`, `${data}.key`)
  await using _again = await Weir.start({ dev: false, args: ['--data', data] })
})

test('a log that cannot be written ends nothing', async () => {
  const full = openSync('/dev/full', 'w')
  onTestFinished(() => closeSync(full))
  const supervisor = serve(['--dev', '--log-level', 'trace'], full)
  onTestFinished(async () => {
    supervisor.kill()
    await once(supervisor, 'exit')
  })
  const [line] = await once(supervisor.stdout?.setEncoding('utf8') ?? supervisor, 'data')
  const [, api] = /^weir is ready: api (\S+),/.exec(line) ?? []
  expect((await fetch(`${api}/?Action=DescribeVpcs&Version=2016-11-15`)).status).toBe(200)
  expect((await fetch(`${api}/readyz`)).status).toBe(200)
})

test('few descriptors are warned of', async () => {
  const main = new URL('../../src/cli/main.ts', import.meta.url).pathname
  const command = 'ulimit -n 256; exec "$0" "$@"'
  const args = [process.execPath, main, 'proxy', '--data', join(folder(), 'data')]
  const proxy = spawn('sh', ['-c', command, ...args], { stdio: ['ignore', 'ignore', 'pipe'] })
  const [line] = await once(proxy.stderr.setEncoding('utf8'), 'data')
  expect(JSON.parse(line)).toMatchObject({ level: 40, limit: 256 })
  proxy.kill()
  await once(proxy, 'exit')
})

function serve(args: readonly string[], log: number | 'ignore'): ChildProcess {
  const main = new URL('../../src/cli/main.ts', import.meta.url).pathname
  const free = ['--api', '127.0.0.1:0', '--dns', '127.0.0.1:0', '--threads', '1']
  return spawn(process.execPath, [main, 'serve', ...free, ...args], {
    stdio: ['ignore', 'pipe', log],
  })
}

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'weir-test-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}
