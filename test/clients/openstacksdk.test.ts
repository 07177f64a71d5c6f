/** Python's openstacksdk, against a Weir that asks who is there: user and password are an access key and its secret. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'vitest'
import { testWithOpenStack } from '../support/openstack-cli.ts'
import { Weir } from '../support/weir.ts'

const script = new URL('openstacksdk.py', import.meta.url).pathname

testWithOpenStack('openstacksdk makes, finds, changes and deletes load balancers', async () => {
  await using running = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'weir-openstack-'))
  running.defer(() => rm(folder, { recursive: true }))
  const args = ['--data', join(folder, 'data'), '--key-file', join(folder, 'key')]
  const weir = running.use(await Weir.start({ dev: false, args }))
  const [, id = ''] = /AWS_ACCESS_KEY_ID=(\S+)/.exec(weir.output()) ?? []
  const [, secret = ''] = /AWS_SECRET_ACCESS_KEY=(\S+)/.exec(weir.output()) ?? []

  // Debian's own Python has Debian's packages.
  const run = (password: string) =>
    promisify(execFile)('/usr/bin/python3', [script, `${weir.api}/v3`, id, password, weir.region])
  expect(JSON.parse((await run(secret)).stdout)).toEqual({
    names: ['web', 'http', 'servers', 'check'],
    weight: 5,
    left: [],
  })
  await expect(run('another')).rejects.toThrow('HTTP 401')
})
