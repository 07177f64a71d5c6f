/** The protocols `awsJson1_0` and `awsJson1_1`: https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html */
import { JsonShapeSerializer } from '@aws-sdk/core/protocols'
import type { ApiError } from './errors.ts'
import { decodeJson } from './json-decoder.ts'
import type { Encoded, Protocol } from './protocol.ts'

export interface JsonApi {
  readonly version: '1.0' | '1.1'
  /** What `X-Amz-Target` has before its dot, e.g. `CertificateManager`. */
  readonly target: string
  /** Clients that know the API from its query protocol look for the codes of that in a header (trait `awsQueryCompatible`). */
  readonly queryCompatible?: boolean
}

export function jsonProtocol({ version, target, queryCompatible = false }: JsonApi): Protocol {
  const contentType = { 'content-type': `application/x-amz-json-${version}` }
  return {
    form: 'json',
    api: target,

    decodeInput(model, call) {
      return decodeJson(model.input, call.json)
    },

    encodeOutput(model, output): Encoded {
      if (model.output.isUnitSchema()) return { status: 200, headers: contentType, body: '{}' }
      const serializer = new JsonShapeSerializer({
        jsonName: false,
        timestampFormat: { useTrait: true, default: epochSeconds },
      })
      serializer.write(model.output as unknown as Parameters<typeof serializer.write>[0], output)
      return { status: 200, headers: contentType, body: String(serializer.flush()) }
    },

    encodeError(error): Encoded {
      const { code, status } = wordsOf(error)
      const fault = status >= 500 ? 'Receiver' : 'Sender'
      return {
        status,
        headers: {
          ...contentType,
          'x-amzn-errortype': code,
          ...(queryCompatible ? { 'x-amzn-query-error': `${error.code};${fault}` } : {}),
        },
        body: JSON.stringify({ __type: code, message: error.message }),
      }
    },
  }
}

/** Of requests that are for no service that we know. */
export const unknownJson = jsonProtocol({ version: '1.1', target: '' })

const epochSeconds = 7

/** Codes of what all services share, where the JSON protocols have other words: "Common errors" of each API reference. */
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

function wordsOf({ code, shape, status }: ApiError): { code: string; status: number } {
  if (shape !== undefined) return { code: shape, status }
  return ownWords[code] ?? { code, status }
}
