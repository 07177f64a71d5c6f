/** What Transfer-Encoding and Content-Length say of where a request ends, and how far that can be trusted. */
import type { Ruling } from './classification.ts'
import type { HeaderTier } from './classify.ts'
import { type FramingName, framingName } from './look-alike.ts'
import { type ParsedRequest, withoutBlanks } from './parsed-request.ts'
import { transferCodings } from './transfer-codings.ts'

const greatestLength = 2n ** 64n - 1n

/** Adds the reasons to the ruling and worsens the tiers of the fields concerned. Fields that look alike take part. */
export function classifyFraming(request: ParsedRequest, tiers: HeaderTier[], ruling: Ruling): void {
  const codings = indexesOf('transfer-encoding', request, tiers)
  const lengths = indexesOf('content-length', request, tiers)
  if (codings.length > 0) classifyCodings(request, codings, lengths.length > 0, tiers, ruling)
  if (lengths.length > 0) classifyLengths(request, lengths, codings.length > 0, tiers, ruling)
}

/** The fields of that name. Of those that end early (NUL, CR, LF), the ones with the very name only. */
function indexesOf(
  wanted: FramingName,
  { headers }: ParsedRequest,
  tiers: readonly HeaderTier[],
): number[] {
  return headers.flatMap(({ name }, index) => {
    if (framingName(name) !== wanted) return []
    return tiers[index] === 'Bad' && name.toLowerCase() !== wanted ? [] : [index]
  })
}

function classifyCodings(
  request: ParsedRequest,
  indexes: readonly number[],
  hasLength: boolean,
  tiers: HeaderTier[],
  ruling: Ruling,
): void {
  if (isGetOrHead(request) || isBefore11(request)) {
    ruling.add('UndefinedTransferEncodingSemantics')
    for (const index of indexes) worsen(tiers, index, 'NonCompliant')
    return
  }
  const lists = indexes.map((index) => transferCodings(request.headers[index]?.value ?? ''))
  classifyLists(lists, indexes, tiers, ruling)
  const all = lists.flatMap((list) => list ?? [])
  // Without chunked at its end, no body of a request has one (RFC 9112, section 6.3); Content-Length may still give it.
  const framed = all.includes('chunked') ? lastCoding(all) === 'chunked' : hasLength
  if (!framed) ruling.add('BadTransferEncoding')
}

/** `chunked` twice is wrong wherever the two are. */
function classifyLists(
  lists: readonly (readonly string[] | undefined)[],
  indexes: readonly number[],
  tiers: HeaderTier[],
  ruling: Ruling,
): void {
  let chunkedIndex = -1
  for (const [position, list] of lists.entries()) {
    const index = indexes[position] as number
    if (list === undefined) {
      ruling.add('BadTransferEncoding')
      tiers[index] = 'Bad'
      continue
    }
    for (const coding of list) {
      if (coding !== 'chunked') continue
      if (chunkedIndex >= 0) {
        ruling.add('MultipleTransferEncodingChunked')
        tiers[chunkedIndex] = 'Bad'
        tiers[index] = 'Bad'
      }
      chunkedIndex = index
    }
  }
}

/** `identity` codes nothing. */
function lastCoding(codings: readonly string[]): string | undefined {
  return codings.findLast((each) => each !== 'identity')
}

function classifyLengths(
  request: ParsedRequest,
  indexes: readonly number[],
  hasCodings: boolean,
  tiers: HeaderTier[],
  ruling: Ruling,
): void {
  let first: { value: bigint; index: number } | undefined
  for (const index of indexes) {
    const value = contentLength(request.headers[index]?.value ?? '')
    if (value === undefined) {
      ruling.add('BadContentLength')
      tiers[index] = 'Bad'
      continue
    }
    if (hasCodings) {
      ruling.add('BothTeClPresent')
      tiers[index] = 'Bad'
    }
    if (first === undefined) {
      first = { value, index }
      classifyLength(request, value, index, tiers, ruling)
      continue
    }
    ruling.add(first.value === value ? 'DuplicateContentLength' : 'MultipleContentLength')
    tiers[index] = 'Bad'
    if (first.value !== value) tiers[first.index] = 'Bad'
  }
}

function classifyLength(
  request: ParsedRequest,
  value: bigint,
  index: number,
  tiers: HeaderTier[],
  ruling: Ruling,
): void {
  const onGet = isGetOrHead(request)
  if (onGet && value === 0n) ruling.add('GetHeadZeroContentLength')
  else if (onGet || isHttp09(request)) ruling.add('UndefinedContentLengthSemantics')
  else return
  worsen(tiers, index, 'NonCompliant')
}

/** @returns undefined unless it is digits and at most 2^64 − 1 */
export function contentLength(value: string): bigint | undefined {
  const digits = withoutBlanks(value)
  if (!/^\d+$/.test(digits)) return undefined
  const length = BigInt(digits)
  return length > greatestLength ? undefined : length
}

function worsen(tiers: HeaderTier[], index: number, tier: HeaderTier): void {
  if (tiers[index] === 'Compliant') tiers[index] = tier
}

function isGetOrHead({ method }: ParsedRequest): boolean {
  return method === 'GET' || method === 'HEAD'
}

function isHttp09({ version }: ParsedRequest): boolean {
  const text = withoutBlanks(version)
  return text === '' || text === 'HTTP/0.9'
}

function isBefore11(request: ParsedRequest): boolean {
  return isHttp09(request) || withoutBlanks(request.version) === 'HTTP/1.0'
}
