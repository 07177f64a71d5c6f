import type { Counters } from '../context.ts'
import type { Wire } from '../wire/wire.ts'
import type { BodyLength } from './body-length.ts'
import { bodyEnd, type Framing, writeBody } from './body-writer.ts'
import { interimText, responseText, switchingText } from './forwarding.ts'
import type { RequestHead } from './request-head.ts'
import type { ResponseHead } from './response-head.ts'
import type { ResponseSink } from './response-sink.ts'

/** The client's connection, as its responses are written to it. */
export interface ResponseReader {
  readonly wire: Wire
  readonly service: { readonly counters: Counters }
  /** The client and the load balancer both want further requests on this connection. */
  readonly keepAlive: boolean
}

/** Writes responses as HTTP/1.1. Used again for the next. */
export class ResponseWriter implements ResponseSink {
  /** The connection goes on after the response that was begun. */
  keepAlive = false
  readonly #request: RequestHead
  #client: ResponseReader
  #framing: Framing = 'plain'
  /** The head, until the first piece of the body. */
  #begun = ''

  /** @param request the head of the request that is answered */
  constructor(request: RequestHead, client: ResponseReader) {
    this.#request = request
    this.#client = client
  }

  /** For the requests of another client of the same listener. */
  adopt(client: ResponseReader): void {
    this.#client = client
  }

  /** An HTTP/1.0 client knows no codings (RFC 9112, section 7.1): its body ends with the connection. */
  takes(body: BodyLength): boolean {
    return body.kind !== 'chunked' || body.codings === 'chunked' || !this.#old
  }

  interim(head: ResponseHead): void {
    if (!this.#old) this.#write(interimText(head))
  }

  head(head: ResponseHead, marks: string, body: BodyLength): number {
    const open = body.kind === 'chunked' || body.kind === 'until-close'
    const old = this.#old
    this.keepAlive = this.#client.keepAlive && !(open && old)
    this.#framing = open && !old ? 'chunked' : 'plain'
    const form = {
      framing: this.#framing,
      codings: body.kind === 'chunked' ? body.codings : 'chunked',
      keepAlive: this.keepAlive,
      old,
      marks,
    }
    this.#begun = responseText(head, form)
    return this.#begun.length
  }

  body(bytes: Buffer, start: number, end: number): boolean {
    return this.#writeBody(bytes, start, end, '')
  }

  lastBody(bytes: Buffer, start: number, end: number, trailers: string): void {
    this.#writeBody(bytes, start, end, bodyEnd(this.#framing, trailers))
  }

  switching(head: ResponseHead, marks: string): number {
    return this.#write(switchingText(head, marks))
  }

  /** The client speaks HTTP/1.0. */
  get #old(): boolean {
    return this.#request.minor === 0
  }

  #writeBody(bytes: Buffer, start: number, end: number, tail: string): boolean {
    const { wire, service } = this.#client
    const prefix = this.#begun
    this.#begun = ''
    service.counters.bytesOut += prefix.length + end - start
    return writeBody(wire, prefix, bytes, start, end, this.#framing, tail)
  }

  /** @returns how many bytes it is */
  #write(text: string): number {
    this.#client.service.counters.bytesOut += text.length
    this.#client.wire.writeText(text)
    return text.length
  }
}
