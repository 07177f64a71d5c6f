import type { Clock } from '../../std/clock.ts'
import type { Store } from '../../store/store.ts'
import type { Logger } from '../../telemetry/logger.ts'
import type { Protocol } from './protocol.ts'

/** One AWS service on the shared endpoint. */
export interface Service {
  /** The service's name in the credential scope of a signature, e.g. `elasticloadbalancing`. */
  readonly signingName: string
  readonly protocols: readonly Protocol[]
  /**
   * Operations that links in messages ask for: by GET, without a signature or a version. What a link has among its parameters is the right to
   * ask, so the operation judges it ({@link Call.linked}). The parameter of that name has the ARN of what it is about, whose region is the call's.
   */
  readonly links?: ReadonlyMap<string, string>
  /** Called when the first request for the service comes: schemas are large and slow to load. */
  load(): Promise<LoadedService>
}

export interface LoadedService {
  /** Everything that the service's `@aws-sdk/client-*` package exports: `CreateLoadBalancer$` is an operation's schema. */
  readonly schemas: Readonly<Record<string, unknown>>
  /** By operation name. An operation that the model has and this map lacks answers `UnsupportedOperation`. */
  readonly operations: Readonly<Record<string, Operation>>
}

/**
 * An operation is a function from decoded input to output. It throws {@link ApiError} for everything that is the caller's fault;
 * anything else that it throws is ours and answers InternalFailure.
 * The wire layer has decoded the input by the model's schema (types are right, required members present).
 */
// biome-ignore lint/suspicious/noExplicitAny: the map above holds operations of many input types; each is checked where it is defined
export type Operation<I = any, O = object> = (input: I, call: Call) => Promise<O>

/** Who calls, where, and with what at hand. */
export interface Call {
  /** e.g. `us-west-2`: a namespace for resources. */
  readonly region: string
  readonly accountId: string
  readonly requestId: string
  /** The access key id that signed, or null with `--auth none`. */
  readonly accessKeyId: string | null
  /** Asked for by a link ({@link Service.links}): by whom is not known. */
  readonly linked: boolean
  readonly store: Store
  readonly clock: Clock
  readonly logger: Logger
}
