import type { FolderBuckets } from '../../buckets/folder-buckets.ts'
import type { Clock } from '../../std/clock.ts'
import type { Payload } from './payload.ts'

/**
 * An operation of S3: from decoded input to output, as those of the other services. What is streamed is not in the input: it comes from
 * `payload`, and goes out as a Readable in the output.
 */
// biome-ignore lint/suspicious/noExplicitAny: the map of all holds operations of many input types; each is checked where it is defined
export type S3Operation<I = any, O = object> = (input: I, call: S3Call) => Promise<O>

export interface S3Call {
  /** Of the signature, or the default one. */
  readonly region: string
  readonly accountId: string
  readonly buckets: FolderBuckets
  readonly clock: Clock
  readonly payload: Payload
  /** The address under which the client reaches this server, e.g. `http://127.0.0.1:4566`. */
  readonly origin: string
}

/** Who owns every bucket and every object. */
export function ownerOf({ accountId }: S3Call) {
  return { ID: accountId, DisplayName: 'root' }
}
