import { queryOf } from './credential.ts'
import { ApiError } from './errors.ts'
import { type Parameter, parseForm } from './form.ts'
import type { AwsRequest, WireCall } from './protocol.ts'

/**
 * Reads a call of the query protocols: a POST with a form, or a GET with everything in the query string, as old clients send it.
 * @throws ApiError for what is no such request.
 */
export function readWireCall(request: AwsRequest): WireCall {
  requireTarget(request)
  const parameters = [...queryOf(request), ...formOf(request)]
  return {
    operation: single(parameters, 'Action'),
    version: single(parameters, 'Version'),
    parameters: parameters.filter(([name]) => !isEnvelope(name)),
  }
}

function requireTarget({ method, rawUrl }: AwsRequest): void {
  if (method !== 'GET' && method !== 'POST') {
    throw new ApiError('UnsupportedHttpVerb', `Method ${method} is not served; use POST`, 405)
  }
  const [path] = rawUrl.split('?', 1)
  if (path !== '/' && path !== '') {
    throw new ApiError('ResourceNotFound', 'The services are at the path /', 404)
  }
}

function formOf({ headers, body }: AwsRequest): Parameter[] {
  if (body.byteLength === 0) return []
  const contentType = headers['content-type'] ?? ''
  const form = /^application\/x-www-form-urlencoded(?:\s*;\s*charset="?utf-8"?)?$/i
  if (!form.test(contentType.trim())) {
    throw new ApiError(
      'UnsupportedMediaType',
      `Content type '${contentType}' is not served; use application/x-www-form-urlencoded`,
      415,
    )
  }
  return parseForm(utf8(body))
}

function utf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new ApiError('MalformedQueryString', 'The form is not UTF-8')
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
