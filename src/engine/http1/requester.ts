import type { Service } from '../context.ts'
import type { ClientEnd } from '../observer.ts'
import type { Wire } from '../wire/wire.ts'
import type { ClientFacts } from './forwarded-fields.ts'
import type { OwnAnswer } from './own-answers.ts'

/** The client's side of an exchange, in whatever protocol it speaks; the response goes to its `ResponseSink`. */
export interface Requester extends ClientFacts {
  readonly service: Service
  /** Of its connection: the same for all requests of that, and true after it. */
  readonly clientEnd: ClientEnd
  /** The major version of HTTP that it speaks. */
  readonly major: 1 | 2
  /** Bytes moved: the connection is not idle. */
  touch(): void
  /** Gives no more of the request's body until `resume`. */
  pause(): void
  resume(): void
  /** The response is passed on whole. */
  exchangeDone(): void
  /** The load balancer answers in place of an instance; the exchange is over. `goOn`: the request itself is no obstacle to another. */
  answer(answer: OwnAnswer, goOn: boolean): void
  /** The response cannot be completed; the exchange is over. */
  cutShort(): void
  /** The connection is a tunnel to `target` from now on; `early` came from there, and is valid until this returns. */
  tunnel(target: Wire, early: Buffer): void
}
