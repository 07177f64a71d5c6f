/** The protocols `awsJson1_0` and `awsJson1_1`: https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html */
import { JsonShapeSerializer } from '@aws-sdk/core/protocols'
import { utf8 } from './body.ts'
import { decodeDocument } from './document-decoder.ts'
import { queryError, wordsOf } from './document-errors.ts'
import { ApiError } from './errors.ts'
import type { Encoded, Protocol } from './protocol.ts'

export interface JsonApi {
  readonly version: '1.0' | '1.1'
  /** What `X-Amz-Target` has before its dot, e.g. `CertificateManager`. */
  readonly target: string
  /** E.g. `2015-12-08`. */
  readonly apiVersion?: string
  /** Clients that know the API from its query protocol look for the codes of that in a header (trait `awsQueryCompatible`). */
  readonly queryCompatible?: boolean
}

export function jsonProtocol(json: JsonApi): Protocol {
  const { version, target, apiVersion, queryCompatible = false } = json
  const contentType = { 'content-type': `application/x-amz-json-${version}` }
  return {
    form: 'json',
    api: target,
    ...(apiVersion === undefined ? {} : { apiVersion }),

    decodeInput(model, call) {
      return decodeDocument(model.input, parse(call.document))
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
      return {
        status,
        headers: {
          ...contentType,
          'x-amzn-errortype': code,
          ...(queryCompatible ? queryError(error, status) : {}),
        },
        body: JSON.stringify({ __type: code, message: error.message }),
      }
    },
  }
}

/** Of requests that are for no service that we know. */
export const unknownJson = jsonProtocol({ version: '1.1', target: '' })

const epochSeconds = 7

function parse(document: Uint8Array): unknown {
  const text = utf8(document, () => new ApiError('MalformedInput', 'The request is not UTF-8'))
  if (text.trim() === '') return {}
  try {
    return JSON.parse(text)
  } catch {
    // The parser's message may repeat a part of the text, and that may be secret.
    throw new ApiError('MalformedInput', 'The request is not JSON')
  }
}
