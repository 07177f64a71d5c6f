/** The protocol `rpcv2Cbor`: https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html */
import { CborCodec } from '@smithy/core/cbor'
import { decodeCbor } from './cbor-decoder.ts'
import { decodeDocument } from './document-decoder.ts'
import { queryError, wordsOf } from './document-errors.ts'
import type { Schema } from './errors.ts'
import { structure, text } from './model.ts'
import type { Encoded, Protocol } from './protocol.ts'

export interface CborApi {
  /** As the path names it: `GraniteServiceVersion20100801`. */
  readonly service: string
  /** E.g. `2010-08-01`. */
  readonly apiVersion?: string
  /** As of {@link JsonApi}. */
  readonly queryCompatible?: boolean
}

export function cborProtocol(cbor: CborApi): Protocol {
  const { service, apiVersion, queryCompatible = false } = cbor
  return {
    form: 'cbor',
    api: service,
    ...(apiVersion === undefined ? {} : { apiVersion }),

    decodeInput(model, { document }) {
      return decodeDocument(model.input, document.byteLength === 0 ? {} : decodeCbor(document))
    },

    encodeOutput(model, output): Encoded {
      const schema = model.output.isUnitSchema() ? nothing : model.output
      return { status: 200, headers, body: encode(schema, output) }
    },

    encodeError(error): Encoded {
      const { code, status } = wordsOf(error)
      return {
        status,
        headers: { ...headers, ...(queryCompatible ? queryError(error, status) : {}) },
        body: encode(errorSchema, { __type: code, message: error.message }),
      }
    },
  }
}

/** Of requests that are for no service that we know. */
export const unknownCbor = cborProtocol({ service: '' })

const headers = { 'content-type': 'application/cbor', 'smithy-protocol': 'rpc-v2-cbor' }

const nothing = structure('Nothing', {})
const errorSchema = structure('Error', { __type: text, message: text })

function encode(schema: Schema, value: object): Uint8Array<ArrayBuffer> {
  const serializer = new CborCodec().createSerializer()
  serializer.write(schema as Parameters<typeof serializer.write>[0], value)
  return new Uint8Array(serializer.flush())
}
