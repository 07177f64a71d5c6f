import { NormalizedSchema } from '@smithy/core/schema'

/** A schema as `@aws-sdk/client-*` exports it. */
export type Schema = Parameters<typeof NormalizedSchema.of>[0]

/** An error that the caller is told about, in the words of the API's model. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  /** The code on the wire, e.g. `LoadBalancerNotFound`. */
  readonly code: string
  /** The shape's name in the API's model, e.g. `AccessPointNotFoundException`, where it has one: the code of the JSON protocols. */
  readonly shape: string | undefined
  readonly status: number

  constructor(code: string, message: string, status = 400, shape?: string) {
    super(withoutPrivateKeys(message))
    this.code = code
    this.status = status
    this.shape = shape
  }
}

/** Messages name the wrong value; one that somebody put into the wrong parameter may be a private key (PEM). */
function withoutPrivateKeys(message: string): string {
  if (!message.includes('PRIVATE KEY')) return message
  const pem = /-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(-----END [A-Z ]*PRIVATE KEY-----|$)/gs
  return message.replaceAll(pem, '(a private key)')
}

/**
 * An error of a service's own model: `modeled(AccessPointNotFoundException$, …)` is `LoadBalancerNotFound` with status 400.
 * The code is that of the trait `awsQueryError` where the schema has one, else the shape's name.
 */
export function modeled(errorSchema: Schema, message: string): ApiError {
  const schema = NormalizedSchema.of(errorSchema)
  const traits = schema.getMergedTraits()
  const [code, status] = (traits.awsQueryError ?? []) as [string?, number?]
  const fallbackStatus = traits.error === 'server' ? 500 : 400
  return new ApiError(
    code ?? schema.getName() ?? 'InternalFailure',
    message,
    status ?? (traits.httpError as number | undefined) ?? fallbackStatus,
    schema.getName(),
  )
}

/** The input breaks a rule of the model that has no error of its own. */
export function validationError(message: string): ApiError {
  return new ApiError('ValidationError', message)
}
