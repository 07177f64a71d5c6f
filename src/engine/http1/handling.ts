/**
 * What handles one request at a time. Client connections have one only from the first byte of a request to the last of its
 * response, so that those that wait for their next request, most of them, take little memory.
 */
import { Exchange } from './exchange.ts'
import { RequestReader } from './request-reader.ts'
import type { Requester } from './requester.ts'
import { type ResponseReader, ResponseWriter } from './response-writer.ts'

/** More than that many wait for use after a burst only. */
const maxSpare = 256

type Client = Requester & ResponseReader

export class Handling {
  readonly reader: RequestReader
  readonly writer: ResponseWriter
  readonly exchange: Exchange

  constructor(client: Client) {
    this.reader = new RequestReader(client.service.context.limits)
    const { head } = this.reader
    this.writer = new ResponseWriter(head, client)
    this.exchange = new Exchange(client, head, this.writer)
  }

  /** For another client of the same listener. */
  adopt(client: Client): void {
    this.writer.adopt(client)
    this.exchange.adopt(client)
  }
}

/** Of one listener: handlings count and choose for it. */
export class Handlings {
  readonly #spare: Handling[] = []

  take(client: Client): Handling {
    const spare = this.#spare.pop()
    if (spare === undefined) return new Handling(client)
    spare.adopt(client)
    return spare
  }

  /** Takes back a handling whose exchange is over. */
  giveBack(handling: Handling): void {
    handling.reader.reset()
    if (this.#spare.length < maxSpare) this.#spare.push(handling)
  }
}
