/** Answers that send clients elsewhere. */
import type { RedirectAction } from '../../snapshot/routing.ts'
import { type OwnAnswer, pageAnswer } from '../http1/own-answers.ts'
import type { RoutedRequest } from './routed-request.ts'

/** What the listener's clients came in by. */
export interface Scheme {
  readonly protocol: 'http' | 'https'
  readonly port: number
}

const usualPorts: Readonly<Record<string, string>> = { http: '80', https: '443' }

export function redirectAnswer(
  action: RedirectAction,
  request: RoutedRequest,
  scheme: Scheme,
): OwnAnswer {
  const fill = (template: string) =>
    ofRule(template).replace(/\$\{(protocol|host|port|path|query)\}/g, (_, part: Part) =>
      parts[part](request, scheme),
    )
  const protocol = fill(action.protocol).toLowerCase()
  const port = fill(action.port)
  const at = port === '' || usualPorts[protocol] === port ? '' : `:${port}`
  const query = fill(action.query)
  const rest = `${fill(action.path)}${query === '' ? '' : `?${query}`}`
  const location = `${protocol}://${fill(action.host)}${at}${rest}`
  return pageAnswer(action.status, `Location: ${ofRequest(location)}\r\n`)
}

type Part = 'protocol' | 'host' | 'port' | 'path' | 'query'

const parts: Readonly<Record<Part, (request: RoutedRequest, scheme: Scheme) => string>> = {
  protocol: (_, { protocol }) => protocol,
  host: ({ host, ownHost }) => (host === '' ? ownHost : host),
  port: (_, { port }) => String(port),
  path: ({ path }) => path,
  query: ({ query }) => query,
}

/** What cannot stand in a URI is percent-encoded: text as UTF-8, */
function ofRule(text: string): string {
  return encoded(text, 'utf8')
}

/** and a request's bytes as such. */
function ofRequest(text: string): string {
  return encoded(text, 'latin1')
}

function encoded(text: string, encoding: 'utf8' | 'latin1'): string {
  return text.replace(/[^\x21-\x7e]+/g, (characters) =>
    Buffer.from(characters, encoding).toString('hex').replace(/../g, '%$&').toUpperCase(),
  )
}
