import type { Tokens } from './tokens.ts'

/** Keeps a client's requests with one target. `T` is what requests are sent to. */
export interface Stickiness<T> {
  readonly tokens: Tokens<T>
  /** @param head the request's, as text */
  session(head: string): Session<T>
}

/** What it makes of one request. */
export interface Session<T> {
  /** The target that the client is bound to; undefined leaves the choice to the load balancing algorithm. */
  readonly bound: T | undefined
  /** Field lines for the response that bind the client from now on, each with its CRLF. `by`: who answered. */
  marks(response: HeadText, by: T): string
}

/** A response's head; reading it costs something. */
export interface HeadText {
  /** The status line and the fields, each line with its CRLF. */
  readonly text: string
}
