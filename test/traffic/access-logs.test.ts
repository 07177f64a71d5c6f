import { mkdtempSync, rmSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CreateLoadBalancerCommand,
  ModifyLoadBalancerAttributesCommand,
} from '@aws-sdk/client-elastic-load-balancing'
import { expect, onTestFinished, test } from 'vitest'
import { readEntry } from '../support/access-log.ts'
import { createLogBucketOf } from '../support/buckets.ts'
import { childProcess } from '../support/child-processes.ts'
import { eventually } from '../support/eventually.ts'
import { httpListener, nodeAddresses } from '../support/system.ts'
import { Weir } from '../support/weir.ts'

/** The text of all files below a folder, by path. A file that goes away meanwhile is left out. */
async function filesIn(folder: string): Promise<Map<string, string>> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  const files = new Map<string, string>()
  for (const one of found.filter((entry) => entry.isFile())) {
    const path = join(one.parentPath, one.name)
    const text = await readFile(path, 'utf8').catch(() => undefined)
    if (text !== undefined) files.set(path.slice(folder.length + 1), text)
  }
  return files
}

async function anywhere(folder: string, text: string): Promise<boolean> {
  return [...(await filesIn(folder)).values()].some((file) => file.includes(text))
}

test('entries are delivered when the proxy is killed, as far as they are a second old, and when it is stopped, all of them', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'weir-access-logs-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const data = join(folder, 'data')
  const buckets = join(data, 'buckets')
  const spool = join(data, 'proxy/access-logs')
  await using weir = await Weir.start({ dev: false, args: ['--auth', 'none', '--data', data] })
  const LoadBalancerName = 'logging'
  await weir.elb.send(
    new CreateLoadBalancerCommand({
      LoadBalancerName,
      Listeners: [httpListener],
      AvailabilityZones: ['us-west-2a'],
    }),
  )
  await createLogBucketOf(weir, 'my-logs')
  const AccessLog = { Enabled: true, S3BucketName: 'my-logs', EmitInterval: 5 }
  await weir.elb.send(
    new ModifyLoadBalancerAttributesCommand({
      LoadBalancerName,
      LoadBalancerAttributes: { AccessLog },
    }),
  )
  const [node = ''] = await nodeAddresses(weir, LoadBalancerName)
  const get = (path: string) =>
    fetch(`http://${node}:8080${path}`, { headers: { 'user-agent': 'me' } }).then(
      async (response) => {
        await response.text()
        return response.status
      },
      () => 0,
    )
  await eventually('requests to be logged', async () => {
    await get('/before')
    return anywhere(spool, '/before')
  })

  expect(await (await fetch(`${weir.api}/metrics`)).text()).toMatch(
    /^weir_lost_access_log_entries_total 0$/m,
  )
  expect(await get('/killed')).toBe(503)
  await eventually('the entry to be on the disk', () => anywhere(spool, '/killed'))
  process.kill(childProcess(weir.process.pid ?? 0, 'proxy') ?? 0, 'SIGKILL')
  await eventually('the entry to be in the bucket', () => anywhere(buckets, '/killed'))

  await eventually('the next proxy to serve', async () => (await get('/stopped')) === 503)
  expect(await weir.stop()).toBe(0)
  const files = await filesIn(buckets)
  const test = files.get('my-logs/AWSLogs/123456789012/ELBAccessLogTestFile')
  expect(test).toMatch(/^Enable AccessLog for ELB: logging at /)
  const logs = [...files].filter(([path]) => path.endsWith('.log'))
  const key =
    /^my-logs\/AWSLogs\/123456789012\/elasticloadbalancing\/us-west-2\/\d{4}\/\d\d\/\d\d\/123456789012_elasticloadbalancing_us-west-2_logging_\d{8}T\d\d[0-5][05]Z_127\.[\d.]+_[0-9a-z]{8}\.log$/
  for (const [path] of logs) expect(path).toMatch(key)
  const entries = logs.flatMap(([, text]) => text.split('\n').slice(0, -1).map(readEntry))
  expect(entries.some(({ request }) => request.includes('/stopped'))).toBe(true)
  for (const entry of entries) {
    expect(entry).toMatchObject({ elb: 'logging', backend: '-', elbStatus: '503', userAgent: 'me' })
  }
  expect(await filesIn(spool)).toEqual(new Map())
})
