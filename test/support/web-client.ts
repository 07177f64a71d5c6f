import { request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { request as httpsRequest, type RequestOptions } from 'node:https'

export interface WebAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** One request on a connection of its own, to an address, whatever name the URL has. */
export function ask(
  url: string,
  address: string,
  { body, ...options }: RequestOptions & { readonly body?: string } = {},
): Promise<WebAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<WebAnswer>()
  const { protocol, hostname, port, host, pathname, search } = new URL(url)
  const request = protocol === 'https:' ? httpsRequest : httpRequest
  const sent = request({
    host: address,
    port,
    path: pathname + search,
    servername: hostname,
    agent: false,
    ...options,
    headers: { host, ...options.headers },
  })
  sent.on('error', reject)
  sent.on('response', (response) => {
    let text = ''
    response.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
    })
    response.on('error', reject)
    response.on('end', () => {
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text })
    })
  })
  sent.end(body)
  return promise
}
