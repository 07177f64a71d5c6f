import type { NormalizedSchema } from '@smithy/core/schema'
import type { ApiError } from './errors.ts'

/** A call that was answered or refused, and what is known of it: for whoever keeps a record of calls. */
export interface FinishedCall {
  readonly requestId: string
  /** When the answer was ready, in milliseconds since the Unix epoch. */
  readonly time: number
  /** The service's name in signatures, e.g. `elasticloadbalancing`. */
  readonly service: string
  /** E.g. `2012-06-01`, where the protocol says it. */
  readonly apiVersion: string | undefined
  /** As the client has it: for a call that was refused, any text. */
  readonly operation: string | undefined
  readonly region: string
  /** As the client has it. Null when the request is not signed. */
  readonly accessKeyId: string | null
  /** Whether the caller may act for the account: false until the signature is verified. */
  readonly authenticated: boolean
  readonly sourceAddress: string
  readonly userAgent: string | undefined
  /** Undefined when the call was refused before it was decoded. */
  readonly input: Typed | undefined
  /** Undefined when the call was refused. */
  readonly output: Typed | undefined
  readonly error: ApiError | undefined
}

/** A value and the schema that says what is what in it. */
export interface Typed {
  readonly schema: NormalizedSchema
  readonly value: object
}

/** Resolves when the call's answer may be sent. Never rejects. */
export type CallRecorder = (call: FinishedCall) => Promise<void>
