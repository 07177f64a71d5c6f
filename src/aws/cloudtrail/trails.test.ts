import type { CloudTrail } from '@aws-sdk/client-cloudtrail'
import { describe, expect, it } from 'vitest'
import { startTrailApi } from '../../../test/support/trail-api.ts'

const arn = (name: string, region = 'us-west-2') =>
  `arn:aws:cloudtrail:${region}:123456789012:trail/${name}`

const S3BucketName = 'my-bucket'

/** Of the call. */
const refused = (call: Promise<unknown>, name: string, message = '') =>
  expect(call).rejects.toMatchObject({ name, message: expect.stringContaining(message) })

describe('a trail', () => {
  it('is created with the defaults, does not log, and is described', async () => {
    const { cloudTrail, bucket } = await startTrailApi()
    const { $metadata, ...created } = await cloudTrail.createTrail({
      Name: 'my-trail',
      S3BucketName,
      S3KeyPrefix: 'logs/',
    })
    const settings = {
      Name: 'my-trail',
      S3BucketName,
      S3KeyPrefix: 'logs',
      IncludeGlobalServiceEvents: true,
      IsMultiRegionTrail: false,
      TrailARN: arn('my-trail'),
      LogFileValidationEnabled: false,
      IsOrganizationTrail: false,
    }
    expect(created).toEqual(settings)
    const description = {
      ...settings,
      HomeRegion: 'us-west-2',
      HasCustomEventSelectors: false,
      HasInsightSelectors: false,
    }
    expect((await cloudTrail.describeTrails({})).trailList).toEqual([description])
    expect((await cloudTrail.getTrail({ Name: arn('my-trail') })).Trail).toEqual(description)
    expect((await cloudTrail.listTrails({})).Trails).toEqual([
      { TrailARN: arn('my-trail'), Name: 'my-trail', HomeRegion: 'us-west-2' },
    ])
    expect(await cloudTrail.getTrailStatus({ Name: 'my-trail' })).toMatchObject({
      IsLogging: false,
      TimeLoggingStarted: '',
    })
    expect([...bucket.objects.keys()]).toEqual(['my-bucket/logs/AWSLogs/123456789012/CloudTrail/'])
  })

  it('is updated in what is named, and deleted', async () => {
    const { cloudTrail } = await startTrailApi()
    await cloudTrail.createTrail({ Name: 'my-trail', S3BucketName, S3KeyPrefix: 'logs' })
    const updated = await cloudTrail.updateTrail({
      Name: arn('my-trail'),
      S3BucketName: 'other-bucket',
      IsMultiRegionTrail: true,
    })
    expect(updated).toMatchObject({
      S3BucketName: 'other-bucket',
      S3KeyPrefix: 'logs',
      IsMultiRegionTrail: true,
    })
    await cloudTrail.deleteTrail({ Name: 'my-trail' })
    expect((await cloudTrail.describeTrails({})).trailList).toEqual([])
    await refused(
      cloudTrail.getTrail({ Name: 'my-trail' }),
      'TrailNotFoundException',
      `Unknown trail: ${arn('my-trail')} for the user: 123456789012`,
    )
  })

  it('says when it was started and stopped', async () => {
    const { cloudTrail, clock } = await startTrailApi()
    await cloudTrail.createTrail({ Name: 'my-trail', S3BucketName })
    const started = clock.now()
    await cloudTrail.startLogging({ Name: 'my-trail' })
    clock.advance(60_000)
    await cloudTrail.startLogging({ Name: 'my-trail' })
    expect(await cloudTrail.getTrailStatus({ Name: 'my-trail' })).toMatchObject({
      IsLogging: true,
      StartLoggingTime: new Date(started),
    })
    await cloudTrail.stopLogging({ Name: 'my-trail' })
    expect(await cloudTrail.getTrailStatus({ Name: 'my-trail' })).toMatchObject({
      IsLogging: false,
      StopLoggingTime: new Date(started + 60_000),
    })
  })

  it('of all regions is a shadow elsewhere, changed at home only', async () => {
    const { cloudTrail, client } = await startTrailApi()
    const elsewhere = client('eu-west-1')
    await cloudTrail.createTrail({ Name: 'all', S3BucketName, IsMultiRegionTrail: true })
    await cloudTrail.createTrail({ Name: 'one', S3BucketName })
    const names = async (input: Parameters<CloudTrail['describeTrails']>[0]) =>
      (await elsewhere.describeTrails(input)).trailList?.map(({ Name }) => Name)
    expect(await names({})).toEqual(['all'])
    expect(await names({ includeShadowTrails: false })).toEqual([])
    expect(await names({ trailNameList: [arn('all'), arn('one')] })).toEqual(['all'])
    expect((await elsewhere.listTrails({})).Trails).toHaveLength(2)
    await refused(elsewhere.stopLogging({ Name: arn('all') }), 'InvalidHomeRegionException')
    await refused(elsewhere.getTrail({ Name: 'all' }), 'TrailNotFoundException')
    await refused(elsewhere.getTrail({ Name: arn('one') }), 'TrailNotFoundException')
  })

  it('is one of five in a region, and one of all regions counts everywhere', async () => {
    const { cloudTrail, client } = await startTrailApi()
    for (const n of [1, 2, 3, 4]) {
      await cloudTrail.createTrail({ Name: `trail-${n}`, S3BucketName })
    }
    const all = { Name: 'all', S3BucketName, IsMultiRegionTrail: true }
    await client('eu-west-1').createTrail(all)
    await refused(
      cloudTrail.createTrail({ Name: 'trail-5', S3BucketName }),
      'MaximumNumberOfTrailsExceededException',
      'already has 5 trails in us-west-2',
    )
    await refused(
      client('eu-west-1').createTrail({ ...all, Name: 'more' }),
      'MaximumNumberOfTrailsExceededException',
      'already has 5 trails in us-west-2',
    )
    await refused(
      cloudTrail.createTrail({ Name: 'trail-1', S3BucketName }),
      'TrailAlreadyExistsException',
    )
  })

  it.each([
    ['NoSuchBucket', 'S3BucketDoesNotExistException'],
    ['AccessDenied', 'InsufficientS3BucketPolicyException'],
    ['ECONNREFUSED', 'InsufficientS3BucketPolicyException'],
  ])('is not made or moved where the bucket answers %s', async (refusal, name) => {
    const { cloudTrail, bucket } = await startTrailApi()
    await cloudTrail.createTrail({ Name: 'my-trail', S3BucketName })
    bucket.refusal = refusal
    await refused(cloudTrail.createTrail({ Name: 'other', S3BucketName }), name, S3BucketName)
    await refused(cloudTrail.updateTrail({ Name: 'my-trail', S3BucketName: 'other' }), name)
    expect((await cloudTrail.describeTrails({})).trailList).toMatchObject([
      { Name: 'my-trail', S3BucketName },
    ])
  })

  it.each([
    ['ab', 'InvalidTrailNameException', 'too short'],
    ['a'.repeat(129), 'InvalidTrailNameException', 'too long'],
    ['my trail', 'InvalidTrailNameException', 'can only contain'],
    ['-trail', 'InvalidTrailNameException', 'starts with'],
    ['trail.', 'InvalidTrailNameException', 'ends with'],
    ['my--trail', 'InvalidTrailNameException', 'adjacent'],
    ['192.168.5.4', 'InvalidTrailNameException', 'IP address'],
  ])('is not named %j', async (Name, name, message) => {
    const { cloudTrail } = await startTrailApi()
    await refused(cloudTrail.createTrail({ Name, S3BucketName }), name, message)
  })

  it.each([
    [{ S3BucketName: 'My_Bucket' }, 'InvalidS3BucketNameException'],
    [{ S3KeyPrefix: 'x'.repeat(201) }, 'InvalidS3PrefixException'],
    [
      { IsMultiRegionTrail: true, IncludeGlobalServiceEvents: false },
      'InvalidParameterCombinationException',
    ],
    [{ EnableLogFileValidation: true }, 'UnsupportedOperationException'],
    [{ SnsTopicName: 'no such topic' }, 'InvalidSnsTopicNameException'],
    [{ SnsTopicName: 'nothing' }, 'InsufficientSnsTopicPolicyException'],
    [{ KmsKeyId: 'alias/key' }, 'UnsupportedOperationException'],
    [{ CloudWatchLogsLogGroupArn: 'arn:aws:logs:::a' }, 'UnsupportedOperationException'],
    [{ IsOrganizationTrail: true }, 'OrganizationsNotInUseException'],
  ])('is not made with %j', async (input, name) => {
    const { cloudTrail } = await startTrailApi()
    await refused(cloudTrail.createTrail({ Name: 'my-trail', S3BucketName, ...input }), name)
  })

  it('is named by an ARN that is one', async () => {
    const { cloudTrail } = await startTrailApi()
    for (const Name of ['arn:aws:s3:::bucket', 'arn:aws:cloudtrail:us-west-2:1:trail/x']) {
      await refused(cloudTrail.getTrail({ Name }), 'CloudTrailARNInvalidException', Name)
    }
  })
})

describe('event selectors', () => {
  it('are those of all management events until others are put', async () => {
    const { cloudTrail } = await startTrailApi()
    await cloudTrail.createTrail({ Name: 'my-trail', S3BucketName })
    const TrailName = 'my-trail'
    const selector = {
      ReadWriteType: 'All',
      IncludeManagementEvents: true,
      DataResources: [],
      ExcludeManagementEventSources: [],
    }
    const { EventSelectors, TrailARN } = await cloudTrail.getEventSelectors({ TrailName })
    expect({ EventSelectors, TrailARN }).toEqual({
      EventSelectors: [selector],
      TrailARN: arn('my-trail'),
    })
    const put = await cloudTrail.putEventSelectors({
      TrailName,
      EventSelectors: [{ ReadWriteType: 'WriteOnly' }],
    })
    expect(put.EventSelectors).toEqual([{ ...selector, ReadWriteType: 'WriteOnly' }])
    const { Trail } = await cloudTrail.getTrail({ Name: TrailName })
    expect(Trail?.HasCustomEventSelectors).toBe(true)
  })

  it.each([
    [{ EventSelectors: [] }, 'InvalidEventSelectorsException'],
    [{ EventSelectors: Array.from({ length: 6 }, () => ({})) }, 'InvalidEventSelectorsException'],
    [{ EventSelectors: [{ ReadWriteType: 'None' as never }] }, 'InvalidEventSelectorsException'],
    [
      { EventSelectors: [{ ExcludeManagementEventSources: ['ec2.amazonaws.com'] }] },
      'InvalidEventSelectorsException',
    ],
    [
      { EventSelectors: [{ DataResources: [{ Type: 'AWS::S3::Object', Values: ['a'] }] }] },
      'UnsupportedOperationException',
    ],
    [{ AdvancedEventSelectors: [] }, 'UnsupportedOperationException'],
  ])('%j are refused', async (input, name) => {
    const { cloudTrail } = await startTrailApi()
    await cloudTrail.createTrail({ Name: 'my-trail', S3BucketName })
    await refused(cloudTrail.putEventSelectors({ TrailName: 'my-trail', ...input }), name)
  })
})

describe('tags', () => {
  const ResourceId = arn('my-trail')

  it('are set with the trail, added, replaced, removed and listed', async () => {
    const { cloudTrail } = await startTrailApi()
    const TagsList = [{ Key: 'team', Value: 'a' }]
    await cloudTrail.createTrail({ Name: 'my-trail', S3BucketName, TagsList })
    await cloudTrail.addTags({
      ResourceId,
      TagsList: [{ Key: 'team', Value: 'b' }, { Key: 'empty' }, { Key: 'gone', Value: 'x' }],
    })
    await cloudTrail.removeTags({ ResourceId, TagsList: [{ Key: 'gone' }, { Key: 'never' }] })
    const { ResourceTagList } = await cloudTrail.listTags({ ResourceIdList: [ResourceId] })
    expect(ResourceTagList).toEqual([
      { ResourceId, TagsList: [{ Key: 'team', Value: 'b' }, { Key: 'empty' }] },
    ])
  })

  it('are refused where they are too many, wrong, or of nothing', async () => {
    const { cloudTrail } = await startTrailApi()
    await cloudTrail.createTrail({ Name: 'my-trail', S3BucketName })
    const add = (...keys: string[]) =>
      cloudTrail.addTags({ ResourceId, TagsList: keys.map((Key) => ({ Key, Value: '' })) })
    await refused(add('a', 'a'), 'InvalidTagParameterException', "'a' is given twice")
    await refused(add('aws:a'), 'InvalidTagParameterException', 'reserved')
    await refused(add('x'.repeat(129)), 'InvalidTagParameterException')
    const many = Array.from({ length: 51 }, (_, n) => `key-${n}`)
    await refused(add(...many), 'TagsLimitExceededException')
    const nothing = arn('nothing')
    await refused(cloudTrail.listTags({ ResourceIdList: [nothing] }), 'ResourceNotFoundException')
    const TagsList = [{ Key: 'a' }]
    await refused(
      cloudTrail.addTags({ ResourceId: nothing, TagsList }),
      'ResourceNotFoundException',
      nothing,
    )
    await refused(
      cloudTrail.listTags({ ResourceIdList: ['my-trail'] }),
      'CloudTrailARNInvalidException',
    )
  })
})
