/** CreateTrail, UpdateTrail, DeleteTrail. */
import { randomUUID } from 'node:crypto'
import type {
  CreateTrailRequest,
  CreateTrailResponse,
  DeleteTrailRequest,
  UpdateTrailRequest,
  UpdateTrailResponse,
} from '@aws-sdk/client-cloudtrail'
import { isBucketName } from '../../buckets/bucket-name.ts'
import { atomically, reader } from '../../store/transaction.ts'
import { accountFolder } from '../../trail/file-key.ts'
import { listTrails, type TrailRecord, trailKeys } from '../../trail/trails.ts'
import { readArn, snsKeys, type TopicRecord, topicArn } from '../sns/records.ts'
import type { Call, Operation } from '../wire/service.ts'
import {
  bucketDoesNotExist,
  globalEventsNeeded,
  insufficientBucketPolicy,
  insufficientTopicPolicy,
  invalidBucketName,
  invalidTopicName,
  notInOrganization,
  tooManyTrails,
  trailAlreadyExists,
  unsupported,
} from './errors.ts'
import { defaultSelectors } from './event-selectors.ts'
import { changeTrail, homeTrail } from './found-trails.ts'
import type { CloudTrailPorts } from './ports.ts'
import { requestedTags, withTags } from './tags.ts'
import { checkTrailName, requestedPrefix, trailArn } from './trail-names.ts'
import { trailView } from './trail-view.ts'

/** "Trails per Region: 5. A trail that applies to all Regions counts as one trail in every Region." */
const maxTrails = 5

/** The trail logs nothing until StartLogging. */
export function createTrail(
  ports: CloudTrailPorts,
): Operation<CreateTrailRequest, CreateTrailResponse> {
  return async (input, call) => {
    const trail = newTrail(input, call)
    await proveTopic(trail, call)
    await proveBucket(trail, call, ports)
    await atomically(call.store, async (tx) => {
      const key = trailKeys.trail(call.region, trail.name)
      const existing = await listTrails(tx)
      if (existing.some(({ arn }) => arn === trail.arn)) {
        throw trailAlreadyExists(trail.name, call.accountId)
      }
      checkQuota([...existing, trail], call.accountId)
      tx.put(key, trail)
    })
    return trailView(trail)
  }
}

export function updateTrail(
  ports: CloudTrailPorts,
): Operation<UpdateTrailRequest, UpdateTrailResponse> {
  return async (input, call) => {
    checkAvailable(input)
    const change = (trail: TrailRecord) => updated(trail, input, call)
    const planned = change(await homeTrail(reader(call.store), call, input.Name ?? ''))
    if (input.SnsTopicName !== undefined) await proveTopic(planned, call)
    await proveBucket(planned, call, ports)
    const trail = await changeTrail(call, input.Name ?? '', change)
    return trailView(trail)
  }
}

export const deleteTrail: Operation<DeleteTrailRequest> = async (input, call) => {
  await atomically(call.store, async (tx) => {
    const { homeRegion, name } = await homeTrail(tx, call, input.Name ?? '')
    tx.delete(trailKeys.trail(homeRegion, name))
  })
  return {}
}

function newTrail(input: CreateTrailRequest, call: Call): TrailRecord {
  const { region, accountId } = call
  const name = input.Name ?? ''
  checkTrailName(name)
  checkAvailable(input)
  const arn = trailArn(region, accountId, name)
  const trail: TrailRecord = {
    id: randomUUID(),
    name,
    arn,
    homeRegion: region,
    bucket: '',
    prefix: '',
    topicArn: null,
    includeGlobalServiceEvents: true,
    isMultiRegion: false,
    selectors: defaultSelectors,
    hasCustomSelectors: false,
    isLogging: false,
    startedAt: null,
    stoppedAt: null,
    tags: withTags([], requestedTags(input.TagsList ?? []), arn),
  }
  return updated(trail, { ...input, S3BucketName: input.S3BucketName ?? '' }, call)
}

/** What a request does not name stays as it is. */
function updated(trail: TrailRecord, input: UpdateTrailRequest, call: Call): TrailRecord {
  const changed: TrailRecord = {
    ...trail,
    bucket: input.S3BucketName ?? trail.bucket,
    prefix: requestedPrefix(input.S3KeyPrefix ?? trail.prefix),
    topicArn: requestedTopic(input.SnsTopicName, trail, call),
    includeGlobalServiceEvents:
      input.IncludeGlobalServiceEvents ?? trail.includeGlobalServiceEvents,
    isMultiRegion: input.IsMultiRegionTrail ?? trail.isMultiRegion,
  }
  if (!isBucketName(changed.bucket)) throw invalidBucketName(changed.bucket)
  if (changed.isMultiRegion && !changed.includeGlobalServiceEvents) throw globalEventsNeeded()
  return changed
}

/** What would be promised and not done is refused. */
function checkAvailable(input: UpdateTrailRequest): void {
  if (input.IsOrganizationTrail === true) throw notInOrganization()
  if (input.EnableLogFileValidation === true) {
    throw unsupported('EnableLogFileValidation', 'no digest files are made')
  }
  if (input.KmsKeyId) throw unsupported('KmsKeyId', 'there is no Key Management Service')
  if (input.CloudWatchLogsLogGroupArn || input.CloudWatchLogsRoleArn) {
    throw unsupported('CloudWatchLogsLogGroupArn', 'there is no CloudWatch Logs')
  }
}

function checkQuota(trails: readonly TrailRecord[], accountId: string): void {
  for (const region of new Set(trails.map(({ homeRegion }) => homeRegion))) {
    const here = trails.filter((trail) => trail.isMultiRegion || trail.homeRegion === region)
    if (here.length > maxTrails) throw tooManyTrails(accountId, maxTrails, region)
  }
}

/** Puts the folder of the account's files into the bucket, empty: where that is refused, files would be too. */
async function proveBucket(trail: TrailRecord, call: Call, ports: CloudTrailPorts): Promise<void> {
  const { bucket, prefix, arn } = trail
  const key = accountFolder(prefix, call.accountId)
  try {
    await ports.bucket.write({ bucket, key, trailArn: arn }, new Uint8Array())
  } catch (error) {
    if ((error as { code?: unknown }).code === 'NoSuchBucket') throw bucketDoesNotExist(bucket)
    call.logger.warn({ err: error, bucket }, 'a trail’s bucket does not take its files')
    throw insufficientBucketPolicy(bucket)
  }
}

/** A topic's name, which is one of the call's region, or its ARN; nothing takes the topic away. */
function requestedTopic(
  requested: string | undefined,
  trail: TrailRecord,
  { region, accountId }: Call,
): string | null {
  if (requested === undefined) return trail.topicArn
  if (requested === '') return null
  const arn = requested.startsWith('arn:') ? requested : topicArn(region, accountId, requested)
  const name = readArn(arn)
  if (name === undefined || name.subscription !== null) throw invalidTopicName(requested)
  return arn
}

async function proveTopic({ topicArn: arn }: TrailRecord, { store }: Call): Promise<void> {
  const name = arn === null ? undefined : readArn(arn)
  if (name === undefined) return
  const topic = await reader(store).get<TopicRecord>(snsKeys.topic(name.region, name.topic))
  if (topic?.arn !== arn) throw insufficientTopicPolicy()
}
