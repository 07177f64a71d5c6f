import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { createLoadBalancer, guideTests } from './guide.ts'

const test = guideTests()

const testFile = 'my-app/AWSLogs/123456789012/ELBAccessLogTestFile'

/** The guide's (p. 102), for the bucket, prefix, region and account of its examples. */
const policy = {
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: { AWS: 'arn:aws:iam::797873946194:root' },
      Action: 's3:PutObject',
      Resource: 'arn:aws:s3:::my-loadbalancer-logs/my-app/AWSLogs/123456789012/*',
    },
    {
      Effect: 'Allow',
      Principal: { Service: 'delivery.logs.amazonaws.com' },
      Action: 's3:PutObject',
      Resource: 'arn:aws:s3:::my-loadbalancer-logs/my-app/AWSLogs/123456789012/*',
      Condition: { StringEquals: { 's3:x-amz-acl': 'bucket-owner-full-control' } },
    },
    {
      Effect: 'Allow',
      Principal: { Service: 'delivery.logs.amazonaws.com' },
      Action: 's3:GetBucketAcl',
      Resource: 'arn:aws:s3:::my-loadbalancer-logs',
    },
  ],
}

const accessLog = {
  Enabled: true,
  S3BucketName: 'my-loadbalancer-logs',
  EmitInterval: 60,
  S3BucketPrefix: 'my-app',
}

const enable =
  'aws elb modify-load-balancer-attributes --load-balancer-name my-loadbalancer --load-balancer-attributes file://my-json-file.json'

test('enables and disables access logs (pages 101–106)', async ({ aws, weir, folder }) => {
  await createLoadBalancer(weir)
  await writeFile(join(folder, 'my-json-file.json'), JSON.stringify({ AccessLog: accessLog }))
  await writeFile(join(folder, 'policy.json'), JSON.stringify(policy))
  const refused = async () => {
    const { exitCode, stderr } = await aws.run(enable)
    expect(exitCode).not.toBe(0)
    expect(stderr).toContain(
      '(InvalidConfigurationRequest) when calling the ModifyLoadBalancerAttributes operation: Access Denied for bucket: my-loadbalancer-logs. Please check S3bucket permission',
    )
  }
  await refused()
  await aws.text('aws s3 mb s3://my-loadbalancer-logs')
  await refused()
  await aws.text(
    'aws s3api put-bucket-policy --bucket my-loadbalancer-logs --policy file://policy.json',
  )
  expect(await aws.json(enable)).toEqual({
    LoadBalancerAttributes: { AccessLog: accessLog },
    LoadBalancerName: 'my-loadbalancer',
  })
  expect(await aws.text('aws s3 ls s3://my-loadbalancer-logs/ --recursive')).toContain(testFile)
  expect(await aws.text(`aws s3 cp s3://my-loadbalancer-logs/${testFile} -`)).toMatch(
    /^Enable AccessLog for ELB: my-loadbalancer at \d{4}-/,
  )
  expect(
    await aws.json(
      String.raw`aws elb modify-load-balancer-attributes --load-balancer-name my-loadbalancer --load-balancer-attributes "{\"AccessLog\":{\"Enabled\":false}}"`,
    ),
  ).toEqual({
    LoadBalancerName: 'my-loadbalancer',
    LoadBalancerAttributes: { AccessLog: { ...accessLog, Enabled: false } },
  })
  await aws.text(`aws s3 rm s3://my-loadbalancer-logs/${testFile}`)
  await aws.text('aws s3 rb s3://my-loadbalancer-logs')
  expect(await aws.text('aws s3 ls')).toBe('')
})

test('keeps files in buckets, large ones too', async ({ aws, folder }) => {
  const here = join(folder, 'here')
  await mkdir(join(here, 'sub folder'), { recursive: true })
  const large = Buffer.alloc(20 * 1024 * 1024, Buffer.from('0123456789abcdef'))
  await writeFile(join(here, 'large.bin'), large)
  await writeFile(join(here, 'sub folder/ä+b.txt'), 'small')
  await aws.text('aws s3 mb s3://my-files')
  await aws.text('aws s3 sync here s3://my-files/there')
  expect(await aws.text('aws s3 sync here s3://my-files/there')).toBe('')
  const listing = await aws.text('aws s3 ls s3://my-files/there/')
  expect(listing).toMatch(/PRE sub folder\/\n.* 20971520 large\.bin\n$/)
  await aws.text('aws s3 cp s3://my-files/there/large.bin s3://my-files/copy.bin')
  await aws.text('aws s3 mv s3://my-files/there s3://my-files/moved --recursive')
  await aws.text('aws s3 sync s3://my-files back')
  expect((await readdir(join(folder, 'back'), { recursive: true })).sort()).toEqual([
    'copy.bin',
    'moved',
    'moved/large.bin',
    'moved/sub folder',
    'moved/sub folder/ä+b.txt',
  ])
  for (const name of ['copy.bin', 'moved/large.bin']) {
    expect((await readFile(join(folder, 'back', name))).equals(large)).toBe(true)
  }
  const url = (await aws.text("aws s3 presign 's3://my-files/moved/sub folder/ä+b.txt'")).trim()
  expect(await (await fetch(url)).text()).toBe('small')
  await aws.text('aws s3 rb s3://my-files --force')
})
