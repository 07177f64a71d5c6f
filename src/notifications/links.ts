/** The addresses in messages, all at the API port. */
export class Links {
  readonly #base: string

  /** @param base URL under which endpoints and readers reach the API, without a path */
  constructor(base: string) {
    this.#base = base.replace(/\/+$/, '')
  }

  confirm(TopicArn: string, Token: string): string {
    return this.#action({ Action: 'ConfirmSubscription', TopicArn, Token })
  }

  unsubscribe(SubscriptionArn: string): string {
    return this.#action({ Action: 'Unsubscribe', SubscriptionArn })
  }

  certificate(path: string): string {
    return this.#base + path
  }

  #action(parameters: Record<string, string>): string {
    // Colons need no escape, and the links are read by people.
    return `${this.#base}/?${new URLSearchParams(parameters).toString().replaceAll('%3A', ':')}`
  }
}
