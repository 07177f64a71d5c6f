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
  /** The response's head with the cookies that bind the client from now on. `by`: who answered. */
  marked(head: string, by: T): string
}
