import type { BodyLength } from './body-length.ts'
import type { ResponseHead } from './response-head.ts'

/**
 * What an exchange passes a response on to, in the client's own protocol: any number of interim heads, one final head, and the
 * body in pieces. What it is given is valid until it returns.
 */
export interface ResponseSink {
  /** Whether the client's protocol can show where such a body ends. If not, no final head comes. */
  takes(body: BodyLength): boolean
  /** An interim head (RFC 9110, section 15.2). */
  interim(head: ResponseHead): void
  /**
   * The final head. The first piece of the body follows at once, empty or not, so that both can go out together.
   * @param marks further field lines, each with its CRLF
   * @returns how many bytes it has as HTTP/1.1
   */
  head(head: ResponseHead, marks: string, body: BodyLength): number
  /** A piece of the body, decoded. @returns false: hold back until the client has taken what it has */
  body(bytes: Buffer, start: number, end: number): boolean
  /** The last piece. @param trailers field lines, each with its CRLF */
  lastBody(bytes: Buffer, start: number, end: number, trailers: string): void
  /** The head that changes the protocol (RFC 9110, section 7.8), which only those get who asked for it. @returns as `head` */
  switching(head: ResponseHead, marks: string): number
}
