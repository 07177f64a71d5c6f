import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { createLogBucketOf } from './buckets.ts'
import { createLoadBalancer, httpListener, Instance, nodeAddresses } from './system.ts'
import { Weir } from './weir.ts'

/** A Weir whose one load balancer, of that name, logs into the bucket `my-logs`; its data folder is there until the test is over. */
export async function startLogging(name: string) {
  const folder = mkdtempSync(join(tmpdir(), `weir-${name}-`))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const data = join(folder, 'data')
  const weir = await Weir.start({ dev: false, args: ['--auth', 'none', '--data', data] })
  onTestFinished(() => weir[Symbol.asyncDispose]())
  const instance = await Instance.declare(weir, 'us-west-2a')
  onTestFinished(() => instance[Symbol.asyncDispose]())
  await createLogBucketOf(weir, 'my-logs')
  await createLoadBalancer(weir, name, [instance], [httpListener], {
    AccessLog: { Enabled: true, S3BucketName: 'my-logs', EmitInterval: 60 },
  })
  const [node = ''] = await nodeAddresses(weir, name)
  return { weir, data, node }
}
