import type { HuaweiError } from './errors.ts'
import type { Route } from './routes.ts'

/** A call that was answered or refused, and what is known of it: for whoever keeps a record of calls. */
export interface FinishedCall {
  readonly requestId: string
  /** When the answer was ready, in milliseconds since the Unix epoch. */
  readonly time: number
  /** The name of its API. */
  readonly api: string
  readonly route: Route
  /** As the client has it. Null when the request names none. */
  readonly accessKeyId: string | null
  /** Whether the caller has shown who they are, or need not. */
  readonly authenticated: boolean
  readonly sourceAddress: string
  readonly userAgent: string | undefined
  /** Of the path, by name. */
  readonly params: Readonly<Record<string, string>>
  /** What the query and the body have. Undefined when the call was refused before they were read. */
  readonly input: Readonly<Record<string, unknown>> | undefined
  /** The body of the answer. Null when it has none, or when the call was refused. */
  readonly output: object | null
  readonly error: HuaweiError | undefined
}

/** Resolves when the call's answer may be sent. Never rejects. */
export type CallRecorder = (call: FinishedCall) => Promise<void>
