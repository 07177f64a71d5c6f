/** Which bucket and object a request is for: both in the path, or the bucket in the host's name ("Virtual hosting of buckets", S3 User Guide). */
import { ApiError } from '../wire/errors.ts'

export interface S3Address {
  readonly bucket: string | null
  readonly key: string | null
}

/** `my-logs.localhost`, `my-logs.s3.us-west-2.amazonaws.com`, `my-logs.s3.localhost`. */
const virtualHost = /^(?!s3[.-])(.+?)\.(?:s3[.-].+|localhost)$/

/** @throws ApiError InvalidURI */
export function addressOf(host: string | undefined, rawUrl: string): S3Address {
  const [rawPath = ''] = rawUrl.split('?', 1)
  const path = decodePath(rawPath).replace(/^\//, '')
  const ofHost = bucketOfHost(host)
  if (ofHost !== null) return { bucket: ofHost, key: path === '' ? null : path }
  const slash = path.indexOf('/')
  if (slash < 0) return { bucket: path === '' ? null : path, key: null }
  return { bucket: path.slice(0, slash), key: path.slice(slash + 1) || null }
}

export function bucketOfHost(host: string | undefined): string | null {
  const name = (host ?? '').toLowerCase().replace(/:\d+$/, '')
  return virtualHost.exec(name)?.[1] ?? null
}

/** @throws ApiError InvalidURI */
export function decodePath(rawPath: string): string {
  try {
    return decodeURIComponent(rawPath)
  } catch {
    throw new ApiError('InvalidURI', `Couldn't parse the specified URI: ${rawPath.slice(0, 200)}`)
  }
}
