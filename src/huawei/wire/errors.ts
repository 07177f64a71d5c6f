/** An error that the caller is told about, with the code and status that Huawei Cloud's ELB API has for it. */
export class HuaweiError extends Error {
  override readonly name = 'HuaweiError'
  /** e.g. `ELB.8902`. */
  readonly code: string
  readonly status: number

  constructor(status: number, code: string, message: string) {
    super(message)
    this.status = status
    this.code = code
  }
}

/** A parameter is missing, malformed, out of range, unknown, or cannot be changed. */
export function invalidInput(message: string): HuaweiError {
  return new HuaweiError(400, 'ELB.8902', message)
}

/** The attributes are there for other protocols only. */
export function notForProtocol(
  protocols: readonly string[],
  noun: string,
  attributes: readonly string[],
): HuaweiError {
  const names = attributes.map((name) => `'${name}'`)
  const last = names.pop() ?? ''
  const listed = names.length > 0 ? `${names.join(', ')} and ${last}` : last
  return new HuaweiError(
    400,
    'ELB.8901',
    `Only [ ${protocols.join(', ')} ] ${noun} support ${listed} attribute`,
  )
}

/** The private key or the certificate cannot be used. */
export function invalidCertificate(code: string, message: string): HuaweiError {
  return new HuaweiError(400, code, message)
}

/** The request is well-formed, and forbidden in the state that things are in. */
export function notPermitted(message: string): HuaweiError {
  return new HuaweiError(403, 'ELB.8903', message)
}

export function notFound(noun: string, id: string): HuaweiError {
  return new HuaweiError(404, 'ELB.8904', `${noun} ${id} could not be found.`)
}

export const overQuotaCode = 'ELB.8905'

export function overQuota(noun: string): HuaweiError {
  return new HuaweiError(409, overQuotaCode, `Quota exceeded for resources: '${noun}'.`)
}

/** The API has it, and this server has not. */
export function notImplemented(message: string): HuaweiError {
  return new HuaweiError(501, 'ELB.8901', message)
}

/** Something else is in the way: a port in use, a certificate that a listener uses. */
export function conflict(message: string): HuaweiError {
  return new HuaweiError(409, 'ELB.8907', message)
}

/** Something that is needed cannot be reached now; it may be later. */
export function unavailable(message: string): HuaweiError {
  return new HuaweiError(503, 'ELB.8906', message)
}

/** Who asks is not known, or cannot prove it. */
export function unauthenticated(reason: string): HuaweiError {
  return new HuaweiError(401, 'APIGW.0301', `Incorrect IAM authentication information: ${reason}`)
}
