/** The protocol `awsQuery`: https://smithy.io/2.0/aws/protocols/aws-query-protocol.html */
import { ApiError, type Schema, validationError } from './errors.ts'
import { membersOf, type OperationModel, structure, text } from './model.ts'
import { parameterTree } from './parameter-tree.ts'
import type { Encoded, Protocol } from './protocol.ts'
import { decodeInput, type Missing, type QueryDialect } from './query-decoder.ts'
import { xmlDocument } from './xml.ts'

/**
 * @param version of the API, as in `2012-06-01`
 * @param namespace XML namespace of answers
 * @param fractions members whose numbers may have a fraction
 */
export function queryProtocol(
  version: string,
  namespace: string,
  fractions: readonly string[] = [],
): Protocol {
  const mayHaveFraction = isOneOf(fractions)
  return {
    form: 'parameters',
    api: version,
    apiVersion: version,

    decodeInput(model, call) {
      const dialect = { ...commonDialect, mayHaveFraction }
      return decodeInput(model.input, parameterTree(call.parameters), dialect)
    },

    encodeOutput(model, output, requestId): Encoded {
      const body = xmlDocument(
        resultSchema(model),
        { [`${model.name}Result`]: output, ResponseMetadata: { RequestId: requestId } },
        namespace,
      )
      return { status: 200, headers, body }
    },

    encodeError(error, requestId): Encoded {
      const { code, status } = ownWords[error.code] ?? error
      const type = status >= 500 ? 'Receiver' : 'Sender'
      const body = xmlDocument(
        errorSchema,
        {
          Error: { Type: type, Code: code, Message: error.message },
          RequestId: requestId,
        },
        namespace,
      )
      return { status, headers, body }
    },
  }
}

/** Of requests that are for no service that we know. The namespace is what AWS has on errors that no service of its own answers. */
export const unknownQuery = queryProtocol('', 'http://webservices.amazon.com/AWSFault/2005-15-09')

const headers = { 'content-type': 'text/xml' }

const ownWords: Readonly<Record<string, { code: string; status: number }>> = {
  RequestExpired: { code: 'SignatureDoesNotMatch', status: 403 },
}

/** Whether a value is such a member, or an item of such a list. */
function isOneOf(members: readonly string[]): QueryDialect['mayHaveFraction'] {
  return ({ wire }) => {
    const [member = ''] = wire
      .split('.')
      .filter((segment) => !/^(member|\d+)$/.test(segment))
      .slice(-1)
    return members.includes(member)
  }
}

/** The result element is there for operations without output too: Go clients fail without it. */
function resultSchema(model: OperationModel): Schema {
  return structure(`${model.name}Response`, {
    [`${model.name}Result`]: structure(`${model.name}Result`, membersOf(model.output)),
    ResponseMetadata: metadataSchema,
  })
}

const metadataSchema = structure('ResponseMetadata', { RequestId: text })

const errorSchema = structure('ErrorResponse', {
  Error: structure('Error', { Type: text, Code: text, Message: text }),
  RequestId: text,
})

const commonDialect: Omit<QueryDialect, 'mayHaveFraction'> = {
  memberName: (name, member) => (member.getMergedTraits().xmlName as string | undefined) ?? name,

  listSegment(list) {
    if (list.getMergedTraits().xmlFlattened) return null
    return (list.getValueSchema().getMergedTraits().xmlName as string | undefined) ?? 'member'
  },

  invalid(place, value, kind) {
    const problem = kind === 'integer' ? `For input string: "${value}"` : `'${value}' is no ${kind}`
    return new ApiError('MalformedInput', `${problem} (${place.wire})`)
  },

  misshapen(place, expected, extra) {
    const where = extra === undefined ? place.wire : `${place.wire}.${extra}`
    return new ApiError('MalformedInput', `${where} does not fit: ${place.wire} is a ${expected}`)
  },

  missing(missing) {
    const plain = missing.find((one) => one.plain)
    if (plain !== undefined) {
      return validationError(`The request must contain the parameter ${plain.place.wire}`)
    }
    return validationError(nullMembers(missing))
  },

  unknown: () => null,
}

/** `1 validation error detected: Value null at 'listeners' failed to satisfy constraint: Member must not be null` */
function nullMembers(missing: readonly Missing[]): string {
  const errors = missing.length === 1 ? 'error' : 'errors'
  const each = missing.map(
    ({ place }) =>
      `Value null at '${place.model}' failed to satisfy constraint: Member must not be null`,
  )
  return `${missing.length} validation ${errors} detected: ${each.join('; ')}`
}
