import { unpackedBody, utf8 } from './body.ts'
import { queryOf } from './credential.ts'
import { ApiError } from './errors.ts'
import { type Parameter, parseForm } from './form.ts'
import type { AwsRequest, WireCall, WireForm } from './protocol.ts'

/** What a request is written in, as its headers say. */
export function formOf({ headers }: AwsRequest): WireForm {
  if (headers['smithy-protocol'] === 'rpc-v2-cbor') return 'cbor'
  return headers['x-amz-target'] === undefined ? 'parameters' : 'json'
}

/**
 * Reads a call of the query protocols (a POST with a form, or a GET with everything in the query string, as old clients send it), of the
 * JSON protocols (a POST with a JSON text, whose header `X-Amz-Target` names API and operation), or of Smithy's RPC with CBOR.
 * @param bodyLimit the most that a body may have when it is unpacked, in bytes
 * @throws ApiError for what is no such request.
 */
export function readWireCall(request: AwsRequest, bodyLimit: number): WireCall {
  const body = unpackedBody(request, bodyLimit)
  switch (formOf(request)) {
    case 'cbor':
      return cborCall(request, body)
    case 'json':
      requirePlace(request)
      return jsonCall(request, body)
    case 'parameters':
      requirePlace(request)
      return parameterCall(request, body)
  }
}

function parameterCall(request: AwsRequest, body: Uint8Array): WireCall {
  const parameters = [...queryOf(request), ...sentForm(request, body)]
  return {
    form: 'parameters',
    operation: single(parameters, 'Action'),
    api: single(parameters, 'Version'),
    parameters: parameters.filter(([name]) => !isEnvelope(name)),
    document: new Uint8Array(),
  }
}

/** https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html */
function jsonCall({ headers }: AwsRequest, document: Uint8Array): WireCall {
  requireContentType(
    headers,
    /^application\/(x-amz-json-1\.[01]|json)$/,
    'application/x-amz-json-1.1',
  )
  const target = headers['x-amz-target'] ?? ''
  const dot = target.lastIndexOf('.')
  return {
    form: 'json',
    operation: target.slice(dot + 1) || null,
    api: dot < 0 ? null : target.slice(0, dot),
    parameters: [],
    document,
  }
}

/** https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html: a POST to `/service/SERVICE/operation/OPERATION`. */
function cborCall({ method, rawUrl, headers }: AwsRequest, document: Uint8Array): WireCall {
  const [, api = '', operation = ''] =
    /^\/service\/(?:\w+\.)*(\w+)\/operation\/(\w+)$/.exec(rawUrl) ?? []
  if (method !== 'POST' || operation === '') {
    throw new ApiError('ResourceNotFound', 'Requests in CBOR are POST /service/…/operation/…', 404)
  }
  if (document.byteLength > 0)
    requireContentType(headers, /^application\/cbor$/, 'application/cbor')
  return { form: 'cbor', operation, api, parameters: [], document }
}

function requirePlace({ method, rawUrl }: AwsRequest): void {
  if (method !== 'GET' && method !== 'POST') {
    throw new ApiError('UnsupportedHttpVerb', `Method ${method} is not served; use POST`, 405)
  }
  const [path] = rawUrl.split('?', 1)
  if (path !== '/' && path !== '') {
    throw new ApiError('ResourceNotFound', 'The services are at the path /', 404)
  }
}

function sentForm({ headers }: AwsRequest, body: Uint8Array): Parameter[] {
  if (body.byteLength === 0) return []
  const expected = 'application/x-www-form-urlencoded'
  requireContentType(headers, /^application\/x-www-form-urlencoded$/, expected)
  return parseForm(utf8(body, () => new ApiError('MalformedQueryString', 'The form is not UTF-8')))
}

/** @param served of media types in lower case, without parameters; the only charset is UTF-8. */
function requireContentType(
  headers: AwsRequest['headers'],
  served: RegExp,
  expected: string,
): void {
  const contentType = headers['content-type'] ?? ''
  const [, type = '', charset = 'utf-8'] =
    /^\s*([^\s;]*)\s*(?:;\s*charset="?([^"\s]*)"?\s*)?$/.exec(contentType.toLowerCase()) ?? []
  if (served.test(type) && charset === 'utf-8') return
  throw new ApiError(
    'UnsupportedMediaType',
    `Content type '${contentType}' is not served; use ${expected}`,
    415,
  )
}

function single(parameters: readonly Parameter[], wanted: string): string | null {
  const values = parameters.filter(([name]) => name === wanted)
  if (values.length > 1) {
    throw new ApiError('MalformedInput', `Parameter ${wanted} is given twice`)
  }
  return values[0]?.[1] || null
}

/** Parameters of the request itself, not of the operation. */
function isEnvelope(name: string): boolean {
  return name === 'Action' || name === 'Version' || /^x-amz-/i.test(name)
}
