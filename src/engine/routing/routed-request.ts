import type { RequestHead } from '../http1/request-head.ts'

/** Who asks. */
export interface RoutedClient {
  readonly address: string
  /** Where it came in, as `host:port`. */
  readonly entrance: { readonly authority: string }
}

/** What rules look at: the parts of a request, each found when somebody asks for it. Used again for the next. */
export class RoutedRequest {
  #client: RoutedClient | null = null
  #head: RequestHead | null = null
  #host: string | null = null
  #split = -1

  begin(head: RequestHead, client: RoutedClient): void {
    this.#head = head
    this.#client = client
    this.#host = null
    this.#split = -1
  }

  get address(): string {
    return this.#client?.address ?? ''
  }

  /** The load balancer's own host: for clients that name none. */
  get ownHost(): string {
    return withoutPort(this.#client?.entrance.authority ?? '')
  }

  get method(): string {
    return this.#head?.method ?? ''
  }

  /** The head as it came. */
  get head(): string {
    return this.#head?.text ?? ''
  }

  /** In lower case, without port and without the dot that may stand at its end. */
  get host(): string {
    this.#host ??= withoutPort(this.#head?.host ?? '').toLowerCase()
    return this.#host
  }

  /** As it came, without the query. */
  get path(): string {
    return this.#target.slice(0, this.#queryAt)
  }

  /** Without the question mark. */
  get query(): string {
    return this.#target.slice(this.#queryAt + 1)
  }

  get #target(): string {
    return this.#head?.pathAndQuery ?? ''
  }

  get #queryAt(): number {
    if (this.#split < 0) {
      const target = this.#target
      const mark = target.indexOf('?')
      this.#split = mark < 0 ? target.length : mark
    }
    return this.#split
  }
}

function withoutPort(host: string): string {
  return host.replace(/:\d*$/, '').replace(/\.$/, '')
}
