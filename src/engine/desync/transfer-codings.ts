/** The codings of Transfer-Encoding, without their parameters (RFC 9112, section 7). */
import { withoutBlanks } from './parsed-request.ts'

const known: ReadonlySet<string> = new Set(['chunked', 'compress', 'deflate', 'gzip', 'identity'])

/** One field's value in lower case; undefined when it names a coding that nobody knows. */
export function transferCodings(value: string): readonly string[] | undefined {
  const codings = value.split(',').map(coding)
  return codings.every((each) => known.has(each)) ? codings : undefined
}

function coding(item: string): string {
  const parameters = item.indexOf(';')
  return withoutBlanks(parameters < 0 ? item : item.slice(0, parameters)).toLowerCase()
}
