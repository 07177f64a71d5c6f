/** Pages of the Describe operations. A token names the last record of its page, so pages stay in step while records come and go. */
import { ApiError } from '../wire/errors.ts'
import { invalidValue } from './errors.ts'

export interface PageRequest {
  readonly MaxResults?: number | undefined
  readonly NextToken?: string | undefined
}

export interface Page<R> {
  readonly records: readonly R[]
  /** Absent on the last page. */
  readonly nextToken: string | undefined
}

const minPageSize = 5
const maxPageSize = 1000
const tokenStart = 'after:'

/**
 * The page of `records` that the request asks for; all that follow when it names no size.
 * @param records in order of id.
 * @throws ApiError InvalidParameterValue for a size outside of 5 to 1000; InvalidNextToken.
 */
export function pageOf<R>(
  records: readonly R[],
  idOf: (record: R) => string,
  request: PageRequest,
): Page<R> {
  const size = request.MaxResults ?? records.length
  if (request.MaxResults !== undefined) checkSize(request.MaxResults)
  const after = request.NextToken ? decode(request.NextToken) : ''
  const rest = records.filter((record) => idOf(record) > after)
  const page = rest.slice(0, size)
  const last = page.at(-1)
  const more = rest.length > page.length && last !== undefined
  return { records: page, nextToken: more ? encode(idOf(last)) : undefined }
}

function checkSize(size: number): void {
  if (size >= minPageSize && size <= maxPageSize) return
  const bound =
    size < minPageSize ? `greater than or equal to ${minPageSize}` : `up to ${maxPageSize}`
  throw invalidValue(
    `Value ( ${size} ) for parameter maxResults is invalid. Expecting a value ${bound}.`,
  )
}

function encode(id: string): string {
  return Buffer.from(tokenStart + id).toString('base64url')
}

function decode(token: string): string {
  const text = Buffer.from(token, 'base64url').toString('utf8')
  const id = text.slice(tokenStart.length)
  if (encode(id) !== token) {
    throw new ApiError('InvalidNextToken', `The specified NextToken '${token}' is not valid.`)
  }
  return id
}
