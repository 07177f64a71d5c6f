import type { ApiError } from './errors.ts'
import type { Parameter } from './form.ts'
import type { OperationModel } from './model.ts'
import type { Service } from './service.ts'

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

/** What a request asks for, as far as it shows without a model. */
export interface WireCall {
  /** Null when the request does not say. */
  readonly operation: string | null
  /** The API's version, null when the request does not say. */
  readonly version: string | null
  /** Of query string and form; what belongs to the signature is among them. */
  readonly parameters: readonly Parameter[]
}

export interface Encoded {
  readonly status: number
  readonly contentType: string
  readonly body: string | Uint8Array<ArrayBuffer>
}

/** How the operations of a service travel over HTTP. A service names its protocol. */
export interface Protocol {
  /** @throws ApiError when the call does not fit the operation's input schema. */
  decodeInput(model: OperationModel, call: WireCall): Record<string, unknown>
  encodeOutput(service: Service, model: OperationModel, output: object, requestId: string): Encoded
  /** `namespace` is null when the request failed before its service was known. */
  encodeError(error: ApiError, namespace: string | null, requestId: string): Encoded
}
