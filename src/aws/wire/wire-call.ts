import { queryOf } from './credential.ts'
import { ApiError } from './errors.ts'
import { type Parameter, parseForm } from './form.ts'
import type { AwsRequest, WireCall, WireForm } from './protocol.ts'

/** What a request is written in, as its headers say. */
export function formOf({ headers }: AwsRequest): WireForm {
  return headers['x-amz-target'] === undefined ? 'parameters' : 'json'
}

/**
 * Reads a call of the query protocols (a POST with a form, or a GET with everything in the query string, as old clients send it) or of the
 * JSON protocols (a POST with a JSON text, whose header `X-Amz-Target` names API and operation).
 * @throws ApiError for what is no such request.
 */
export function readWireCall(request: AwsRequest): WireCall {
  requirePlace(request)
  return formOf(request) === 'json' ? jsonCall(request) : parameterCall(request)
}

function parameterCall(request: AwsRequest): WireCall {
  const parameters = [...queryOf(request), ...sentForm(request)]
  return {
    form: 'parameters',
    operation: single(parameters, 'Action'),
    api: single(parameters, 'Version'),
    parameters: parameters.filter(([name]) => !isEnvelope(name)),
    json: '',
  }
}

/** https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html */
function jsonCall({ headers, body }: AwsRequest): WireCall {
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
    json: utf8(body, () => new ApiError('MalformedInput', 'The request is not UTF-8')),
  }
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

function sentForm({ headers, body }: AwsRequest): Parameter[] {
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

function utf8(bytes: Uint8Array, refuse: () => ApiError): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw refuse()
  }
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
