/**
 * What handles one request at a time. Client connections have one only from the first byte of a request to the last of its
 * response, so that those that wait for their next request, most of them, take little memory.
 */
import { Exchange, type Requester } from './exchange.ts'
import { RequestReader } from './request-reader.ts'

/** More than that many wait for use after a burst only. */
const maxSpare = 256

export interface Handling {
  readonly reader: RequestReader
  readonly exchange: Exchange
}

/** Of one listener: handlings count and choose for it. */
export class Handlings {
  readonly #spare: Handling[] = []

  take(client: Requester): Handling {
    const spare = this.#spare.pop()
    if (spare === undefined) return { reader: new RequestReader(), exchange: new Exchange(client) }
    spare.exchange.adopt(client)
    return spare
  }

  /** Takes back a handling whose exchange is over. */
  giveBack(handling: Handling): void {
    handling.reader.reset()
    if (this.#spare.length < maxSpare) this.#spare.push(handling)
  }
}
