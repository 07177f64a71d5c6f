import type { ApiError } from './errors.ts'
import type { Parameter } from './form.ts'
import type { OperationModel } from './model.ts'

/** A request to the endpoint. Header names are lower-case; `rawUrl` is path and query exactly as sent. */
export interface AwsRequest {
  readonly method: string
  readonly rawUrl: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
  readonly remoteAddress: string
}

export interface AwsResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array<ArrayBuffer>
}

/** How the input of an operation is written: as parameters of query string and form, or as one document of JSON or CBOR. */
export type WireForm = 'parameters' | 'json' | 'cbor'

/** What a request asks for, as far as it shows without a model. */
export interface WireCall {
  readonly form: WireForm
  /** Null when the request does not say. */
  readonly operation: string | null
  /** Which API is meant, null when the request does not say: the parameter `Version`, what `X-Amz-Target` has before its dot, or the service in the path. */
  readonly api: string | null
  /** Of query string and form, without those of the request itself; what belongs to the signature is among them. */
  readonly parameters: readonly Parameter[]
  /** The document; empty when it is written in parameters. */
  readonly document: Uint8Array
}

export interface Encoded {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array<ArrayBuffer>
}

/** How the operations of one API travel over HTTP. A service has one or several: clients of different age speak different ones. */
export interface Protocol {
  readonly form: WireForm
  /** As calls name it in {@link WireCall.api}. */
  readonly api: string
  /** The API's version, e.g. `2012-06-01`, for records of calls. */
  readonly apiVersion?: string
  /** @throws ApiError when the call does not fit the operation's input schema. */
  decodeInput(model: OperationModel, call: WireCall): Record<string, unknown>
  encodeOutput(model: OperationModel, output: object, requestId: string): Encoded
  encodeError(error: ApiError, requestId: string): Encoded
}
