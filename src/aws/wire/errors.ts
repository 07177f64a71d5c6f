/** An error that the caller is told about, in the words of the API's model. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  /** The code on the wire, e.g. `LoadBalancerNotFound`. */
  readonly code: string
  readonly status: number

  constructor(code: string, message: string, status = 400) {
    super(message)
    this.code = code
    this.status = status
  }
}

/** The input breaks a rule of the model that has no error of its own. */
export function validationError(message: string): ApiError {
  return new ApiError('ValidationError', message)
}
