/** Methods whose request may be sent twice (RFC 9110, section 9.2.2). */
const repeatable: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'])

/**
 * Whether a request that was sent may be sent again: if its method allows that, no byte of an answer came, and no byte of a body went
 * out, which is not kept.
 */
export class Retry {
  bodySent = false
  answered = false
  /** It was sent again because its connection closed. */
  spent = false
  #method = ''

  begin(method: string): void {
    this.#method = method
    this.bodySent = false
    this.answered = false
    this.spent = false
  }

  get allowed(): boolean {
    return !this.answered && !this.bodySent && repeatable.has(this.#method)
  }

  /** Its connection closed. @returns whether the request may be sent again, now and then never more for that */
  spend(): boolean {
    if (this.spent || !this.allowed) return false
    this.spent = true
    return true
  }
}
