/** Why a health check failed, as a code of the API (its MemberHealthCheckFailedReason). */

export const reasonCodes = [
  'CONNECT_REFUSED',
  'CONNECT_INTERRUPT',
  'CONNECT_TIMEOUT',
  'CONNECT_FAILED',
  'SSL_HANDSHAKE_ERROR',
  'RECV_RESPONSE_TIMEOUT',
  'RECV_RESPONSE_FAILED',
  'RESPONSE_MISMATCH',
  'RESPONSE_FORMAT_ERROR',
] as const

type ReasonCode = (typeof reasonCodes)[number]

/** What the checks say, and the code for it; the first that fits. */
const codes: readonly (readonly [RegExp, ReasonCode])[] = [
  [/^connection refused/, 'CONNECT_REFUSED'],
  [/^connection reset/, 'CONNECT_INTERRUPT'],
  [/^(no connection within|connection timed out)/, 'CONNECT_TIMEOUT'],
  [/^(no TLS handshake within|TLS handshake failed)/, 'SSL_HANDSHAKE_ERROR'],
  [/^no answer within/, 'RECV_RESPONSE_TIMEOUT'],
  [/^connection closed/, 'RECV_RESPONSE_FAILED'],
  [/^answered \d{3}$/, 'RESPONSE_MISMATCH'],
  [/^(answered |the answer is not)/, 'RESPONSE_FORMAT_ERROR'],
]

/** @param detail of a check that failed, e.g. `connection refused` */
export function reasonCode(detail: string): ReasonCode {
  return codes.find(([pattern]) => pattern.test(detail))?.[1] ?? 'CONNECT_FAILED'
}
