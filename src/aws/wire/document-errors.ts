import type { ApiError } from './errors.ts'

/** Codes of what all services share, where the protocols of documents have other words: "Common errors" of each API reference. */
const ownWords: Readonly<Record<string, { code: string; status: number }>> = {
  AccessDenied: { code: 'AccessDeniedException', status: 400 },
  IncompleteSignature: { code: 'IncompleteSignatureException', status: 400 },
  InvalidAction: { code: 'UnknownOperationException', status: 400 },
  InvalidClientTokenId: { code: 'UnrecognizedClientException', status: 400 },
  MalformedInput: { code: 'SerializationException', status: 400 },
  MissingAction: { code: 'UnknownOperationException', status: 400 },
  MissingAuthenticationToken: { code: 'MissingAuthenticationTokenException', status: 400 },
  RequestExpired: { code: 'InvalidSignatureException', status: 400 },
  SignatureDoesNotMatch: { code: 'InvalidSignatureException', status: 400 },
  Throttling: { code: 'ThrottlingException', status: 400 },
  UnsupportedOperation: { code: 'UnsupportedOperationException', status: 400 },
  ValidationError: { code: 'ValidationException', status: 400 },
}

/** Code and status of an error in the protocols of documents. */
export function wordsOf({ code, shape, status }: ApiError): { code: string; status: number } {
  if (shape !== undefined) return { code: shape, status }
  return ownWords[code] ?? { code, status }
}

/** Clients that know an API from its query protocol look for the codes of that in a header (trait `awsQueryCompatible`). */
export function queryError({ code }: ApiError, status: number): Record<string, string> {
  return { 'x-amzn-query-error': `${code};${status >= 500 ? 'Receiver' : 'Sender'}` }
}
