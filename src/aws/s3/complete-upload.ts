/** The end of a multipart upload: its parts, checked against what the client lists, become one object. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, rm } from 'node:fs/promises'
import type { CompletedPart, CompleteMultipartUploadCommandInput } from '@aws-sdk/client-s3'
import { BucketError } from '../../buckets/bucket-error.ts'
import type { Part, Upload } from '../../buckets/uploads.ts'
import { type Checksum, type ChecksumAlgorithm, newChecksum } from '../wire/checksums.ts'
import { ApiError } from '../wire/errors.ts'
import { checkReplaceable } from './conditions.ts'
import { malformedXml } from './errors.ts'
import { checksumMembers, quoted } from './object-headers.ts'
import type { S3Operation } from './operation.ts'

/** Of all parts but the last ("Amazon S3 multipart upload limits"). */
const minPartBytes = 5 * 1024 ** 2

export const completeMultipartUpload: S3Operation<CompleteMultipartUploadCommandInput> = async (
  input,
  call,
) => {
  const { Bucket = '', Key = '', UploadId = '' } = input
  const { uploads, objects } = call.buckets
  const upload = await uploads.get(Bucket, Key, UploadId)
  const listed = input.MultipartUpload?.Parts ?? []
  if (listed.length === 0) throw malformedXml()
  let etag = ''
  let checksums: Record<string, string> = {}
  await uploads.end(Bucket, upload, async () => {
    const parts = chosen(listed, await uploads.parts(Bucket, UploadId))
    const paths = parts.map(({ number }) => uploads.partPath(Bucket, UploadId, number))
    const file = await call.buckets.newFile()
    try {
      const whole = wholeChecksum(upload)
      await join(paths, file, whole)
      etag = `${md5OfParts(parts)}-${parts.length}`
      checksums = await checksumsOf(upload, parts, whole)
      requireSame(upload, checksums, input)
      const facts = { ...upload.facts, etag, checksums }
      await objects.put(Bucket, Key, file, facts, (current) => checkReplaceable(current, input))
    } finally {
      await rm(file, { force: true })
    }
  })
  return {
    Location: `${call.origin}/${Bucket}/${encodeURIComponent(Key).replaceAll('%2F', '/')}`,
    Bucket,
    Key,
    ETag: quoted(etag),
    ...checksumMembers(checksums),
  }
}

/** @throws BucketError InvalidPart, InvalidPartOrder, EntityTooSmall */
function chosen(listed: readonly CompletedPart[], there: readonly Part[]): Part[] {
  const byNumber = new Map(there.map((part) => [part.number, part]))
  const inOrder = listed.every(
    ({ PartNumber = 0 }, index) => PartNumber > (listed[index - 1]?.PartNumber ?? 0),
  )
  if (!inOrder) {
    throw new BucketError('InvalidPartOrder', 'The list of parts was not in ascending order.')
  }
  return listed.map(({ PartNumber = 0, ETag = '' }, index) => {
    const part = byNumber.get(PartNumber)
    if (part === undefined || ETag.replace(/^"(.*)"$/, '$1') !== part.etag) {
      throw new BucketError(
        'InvalidPart',
        `One or more of the specified parts could not be found: part ${PartNumber} was not uploaded, or its entity tag is another.`,
      )
    }
    if (index < listed.length - 1 && part.size < minPartBytes) {
      throw new BucketError(
        'EntityTooSmall',
        `Your proposed upload is smaller than the minimum allowed size: part ${PartNumber} has ${part.size} bytes`,
      )
    }
    return part
  })
}

async function join(
  paths: readonly string[],
  file: string,
  checksum: Checksum | null,
): Promise<void> {
  async function* bytes() {
    for (const path of paths) {
      for await (const chunk of createReadStream(path)) {
        checksum?.update(chunk)
        yield chunk
      }
    }
  }
  const whole = await open(file, 'wx', 0o600)
  try {
    await whole.writeFile(bytes())
    await whole.sync()
  } finally {
    await whole.close()
  }
}

function md5OfParts(parts: readonly Part[]): string {
  const md5 = createHash('md5')
  for (const { etag } of parts) md5.update(Buffer.from(etag, 'hex'))
  return md5.digest('hex')
}

function wholeChecksum({ checksum }: Upload): Checksum | null {
  if (checksum?.type !== 'FULL_OBJECT') return null
  return newChecksum(checksum.algorithm as ChecksumAlgorithm)
}

async function checksumsOf(
  { checksum }: Upload,
  parts: readonly Part[],
  whole: Checksum | null,
): Promise<Record<string, string>> {
  if (checksum === null) return {}
  const { algorithm } = checksum
  if (whole !== null) return { [algorithm]: (await whole.digest()).toString('base64') }
  const ofParts = newChecksum(algorithm as ChecksumAlgorithm)
  for (const { checksums } of parts) {
    // A part that was copied has none: then the object has none.
    if (checksums[algorithm] === undefined) return {}
    ofParts.update(Buffer.from(checksums[algorithm], 'base64'))
  }
  return { [algorithm]: `${(await ofParts.digest()).toString('base64')}-${parts.length}` }
}

/** What the client has calculated by itself. */
function requireSame(
  { checksum }: Upload,
  checksums: Readonly<Record<string, string>>,
  input: CompleteMultipartUploadCommandInput,
): void {
  if (checksum === null) return
  const sent = input[`Checksum${checksum.algorithm}` as 'ChecksumCRC32']
  if (
    sent === undefined ||
    sent.replace(/-\d+$/, '') === checksums[checksum.algorithm]?.replace(/-\d+$/, '')
  )
    return
  throw new ApiError(
    'BadDigest',
    `The ${checksum.algorithm} you specified did not match the calculated checksum.`,
  )
}
