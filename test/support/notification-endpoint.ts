import { once } from 'node:events'
import {
  createServer,
  type IncomingHttpHeaders,
  type RequestListener,
  type Server,
} from 'node:http'
import { createServer as createSecureServer, type ServerOptions } from 'node:https'
import type { AddressInfo } from 'node:net'
import { eventually } from './eventually.ts'

export interface Received {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** A real HTTP or HTTPS server that SNS delivers to. */
export class NotificationEndpoint implements AsyncDisposable {
  readonly url: string
  readonly received: Received[] = []
  /** What it answers, one after the other; 200 when there is none left; null: nothing at all. */
  readonly answers: (number | null)[] = []
  readonly #server: Server

  private constructor(server: Server, scheme: string) {
    this.#server = server
    this.url = `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}/`
  }

  /** @param secure with it, it speaks TLS */
  static async start(secure?: ServerOptions, port = 0): Promise<NotificationEndpoint> {
    const listener: RequestListener = async (request, response) => {
      let body = ''
      for await (const chunk of request.setEncoding('utf8')) body += chunk
      endpoint.received.push({ path: request.url ?? '', headers: request.headers, body })
      const answer = endpoint.answers.length > 0 ? endpoint.answers.shift() : 200
      if (answer === null) return
      response.writeHead(answer ?? 200, { location: `${endpoint.url}elsewhere` }).end('thanks')
    }
    const server =
      secure === undefined ? createServer(listener) : createSecureServer(secure, listener)
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    const endpoint = new NotificationEndpoint(server, secure === undefined ? 'http' : 'https')
    return endpoint
  }

  /** The messages so far, once there are so many. */
  async messages(count: number): Promise<Record<string, string>[]> {
    await eventually(`${count} messages`, () => this.received.length >= count)
    return this.received.map(({ body }) => JSON.parse(body))
  }

  /** Follows the link that the first message has. @returns the answer */
  async confirm(): Promise<string> {
    const [message] = await this.messages(1)
    const response = await fetch(message?.SubscribeURL ?? '')
    return response.text()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }
}
