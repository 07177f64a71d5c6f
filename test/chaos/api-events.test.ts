/** Who has changed something and got an answer is in the event history, and in the trail's files, whatever happens to the processes. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { CloudTrail } from '@aws-sdk/client-cloudtrail'
import { CreateSecurityGroupCommand } from '@aws-sdk/client-ec2'
import { expect, onTestFinished, test } from 'vitest'
import { createLogBucketOf } from '../support/buckets.ts'
import { eventually } from '../support/eventually.ts'
import { Weir } from '../support/weir.ts'

function cloudTrailOf(weir: Weir): CloudTrail {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  const client = new CloudTrail({ endpoint: weir.api, region: weir.region, credentials })
  onTestFinished(() => client.destroy())
  return client
}

/** Calls until the processes are killed. @returns the request ids of what was answered */
async function changeUntilKilled(weir: Weir, answers: number): Promise<string[]> {
  const answered: string[] = []
  const killed = Promise.withResolvers<void>()
  const worker = async (worker: number) => {
    for (let n = 0; ; n += 1) {
      const name = `group-${worker}-${n}`
      const command = new CreateSecurityGroupCommand({ GroupName: name, Description: name })
      const { $metadata } = await weir.ec2.send(command)
      answered.push($metadata.requestId ?? '')
      if (answered.length === answers) killed.resolve(weir.kill())
    }
  }
  await Promise.allSettled([1, 2, 3, 4].map(worker))
  await killed.promise
  return answered
}

async function lookedUp(cloudTrail: CloudTrail): Promise<string[]> {
  const ids: string[] = []
  const attribute = { AttributeKey: 'EventName', AttributeValue: 'CreateSecurityGroup' } as const
  let NextToken: string | undefined
  do {
    const page = await cloudTrail.lookupEvents({ LookupAttributes: [attribute], NextToken })
    ids.push(
      ...(page.Events ?? []).map((event) => JSON.parse(event.CloudTrailEvent ?? '').requestID),
    )
    NextToken = page.NextToken
  } while (NextToken !== undefined)
  return ids
}

/** Request ids of the security groups' events in all files of the folder. */
async function delivered(folder: string): Promise<string[]> {
  const files = await readdir(folder, { recursive: true })
  const records = await Promise.all(
    files
      .filter((name) => name.endsWith('.json.gz'))
      .map(async (name) => JSON.parse(gunzipSync(await readFile(join(folder, name))).toString())),
  )
  return records
    .flatMap(({ Records }) => Records)
    .filter(({ eventName }) => eventName === 'CreateSecurityGroup')
    .map(({ requestID }) => requestID)
}

test('a kill -9 takes no event of a change that was answered, and none is delivered twice', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'weir-events-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const data = join(folder, 'data')
  const args = ['--data', data, '--key-file', join(folder, 'key'), '--auth', 'none']
  const first = await Weir.start({ dev: false, args })
  onTestFinished(() => first[Symbol.asyncDispose]())
  const trail = cloudTrailOf(first)
  await createLogBucketOf(first, 'my-bucket')
  await trail.createTrail({ Name: 'my-trail', S3BucketName: 'my-bucket' })
  await trail.startLogging({ Name: 'my-trail' })
  const answered = await changeUntilKilled(first, 60)

  const second = await Weir.start({ dev: false, args })
  onTestFinished(() => second[Symbol.asyncDispose]())
  const found = await lookedUp(cloudTrailOf(second))
  expect(found).toEqual(expect.arrayContaining(answered))
  expect(new Set(found).size).toBe(found.length)
  await eventually('the trail’s files', async () => {
    const ids = await delivered(join(data, 'buckets'))
    return ids.length >= found.length
  })
  expect((await delivered(join(data, 'buckets'))).sort()).toEqual(found.sort())
}, 90_000)
