/** The protocol `ec2Query`: https://smithy.io/2.0/aws/protocols/aws-ec2-query-protocol.html */
import { ApiError, type Schema } from './errors.ts'
import { membersOf, type OperationModel, structure, text } from './model.ts'
import { parameterTree } from './parameter-tree.ts'
import type { Encoded, Protocol } from './protocol.ts'
import { decodeInput, type QueryDialect } from './query-decoder.ts'
import { xmlDocument } from './xml.ts'

/**
 * @param version of the API, as in `2016-11-15`
 * @param namespace XML namespace of answers
 */
export function ec2QueryProtocol(version: string, namespace: string): Protocol {
  return {
    form: 'parameters',
    api: version,
    apiVersion: version,

    decodeInput(model, call) {
      const own = call.parameters.filter(([name]) => !signatureVersion2.has(name))
      return decodeInput(model.input, parameterTree(own), dialect)
    },

    encodeOutput(model, output, requestId): Encoded {
      const value = { requestId, ...(model.output.isUnitSchema() ? { return: true } : output) }
      const body = declaration + xmlDocument(responseSchema(model), value, namespace)
      return { status: 200, headers, body }
    },

    encodeError(error, requestId): Encoded {
      const { code, status } = ownWords[error.code] ?? error
      const body = xmlDocument(
        errorSchema,
        { Errors: { Error: { Code: code, Message: error.message } }, RequestID: requestId },
        null,
      )
      return { status, headers, body: declaration + body }
    },
  }
}

const declaration = '<?xml version="1.0" encoding="UTF-8"?>\n'
const headers = { 'content-type': 'text/xml;charset=UTF-8' }

/** Codes that EC2 has for what the other services share: the EC2 API reference, "Error codes". */
const ownWords: Readonly<Record<string, { code: string; status: number }>> = {
  IncompleteSignature: { code: 'AuthFailure', status: 401 },
  InternalFailure: { code: 'InternalError', status: 500 },
  InvalidClientTokenId: { code: 'AuthFailure', status: 401 },
  MissingAuthenticationToken: { code: 'AuthFailure', status: 401 },
  SignatureDoesNotMatch: { code: 'AuthFailure', status: 401 },
  Throttling: { code: 'RequestLimitExceeded', status: 503 },
}

/** Clients with signature version 2 send these among the operation's parameters. */
const signatureVersion2 = new Set([
  'AWSAccessKeyId',
  'Expires',
  'Signature',
  'SignatureMethod',
  'SignatureVersion',
  'Timestamp',
])

/** An operation without output in the model answers `<return>true</return>`, which older clients look for. */
function responseSchema(model: OperationModel): Schema {
  const members = model.output.isUnitSchema() ? { return: boolean } : membersOf(model.output)
  return structure(`${model.name}Response`, { requestId: text, ...members })
}

const boolean: Schema = 2

const errorSchema = structure('Response', {
  Errors: structure('Errors', { Error: structure('Error', { Code: text, Message: text }) }),
  RequestID: text,
})

const dialect: QueryDialect = {
  memberName(name, member) {
    const { ec2QueryName, xmlName } = member.getMergedTraits()
    if (typeof ec2QueryName === 'string') return ec2QueryName
    const key = (xmlName as string | undefined) ?? name
    return key.charAt(0).toUpperCase() + key.slice(1)
  },

  listSegment: () => null,

  mayHaveFraction: () => false,

  invalid(place, value, kind) {
    return new ApiError(
      'InvalidParameterValue',
      `Value (${value}) for parameter ${place.wire} is invalid. It must be of type ${kind}.`,
    )
  },

  misshapen(place, _expected, extra) {
    return unrecognized(extra === undefined ? place.wire : `${place.wire}.${extra}`)
  },

  missing([first]) {
    return new ApiError(
      'MissingParameter',
      `The request must contain the parameter ${first?.place.wire}`,
    )
  },

  unknown: (place) => unrecognized(place.wire),
}

function unrecognized(name: string): ApiError {
  return new ApiError('UnknownParameter', `The parameter ${name} is not recognized`)
}
