import { ApiError } from './errors.ts'

/** One `name=value` of a query string or a form, decoded. */
export type Parameter = readonly [name: string, value: string]

/**
 * Decodes `application/x-www-form-urlencoded` text, in the order sent.
 * @throws ApiError `MalformedQueryString` for a broken escape or bytes that are not UTF-8.
 */
export function parseForm(form: string): Parameter[] {
  const parameters: Parameter[] = []
  for (const pair of form.split('&')) {
    if (pair === '') continue
    const equals = pair.indexOf('=')
    const name = equals < 0 ? pair : pair.slice(0, equals)
    const value = equals < 0 ? '' : pair.slice(equals + 1)
    parameters.push([decode(name), decode(value)])
  }
  return parameters
}

function decode(escaped: string): string {
  try {
    return decodeURIComponent(escaped.replaceAll('+', ' '))
  } catch {
    throw new ApiError('MalformedQueryString', 'The query string contains a syntax error')
  }
}
