import { Stream, type StreamOwner } from './stream.ts'

/** More than that many wait for use after a burst only. */
const maxSpare = 256

/** Streams of one listener, for use again: they count and choose for it. */
export class StreamPool {
  readonly #spare: Stream[] = []

  take(owner: StreamOwner): Stream {
    return this.#spare.pop() ?? new Stream(owner)
  }

  /** Takes back one that is over. */
  giveBack(stream: Stream): void {
    if (this.#spare.length < maxSpare) this.#spare.push(stream)
  }
}
