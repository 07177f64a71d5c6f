import type { Service } from './context.ts'
import type { Member } from './member.ts'

const nobody: Member[] = []

/**
 * Where one request or connection goes: a member of its listener's pool, and another one when that cannot be reached.
 * Used again for the next request.
 */
export class Placement {
  /** The member that it counts for; null before one is picked, and after `leave`. */
  member: Member | null = null
  readonly #service: Service
  #tried = nobody

  constructor(service: Service) {
    this.#service = service
  }

  /** How many members could not be reached. */
  get failures(): number {
    return this.#tried.length
  }

  /** Picks a member that was not tried, and counts it. @returns null when there is none */
  take(): Member | null {
    const member = this.#service.selector.pick(this.#tried)
    if (member === undefined) return null
    member.outstanding += 1
    this.member = member
    return member
  }

  /** The member is done with, or is to be tried no more. */
  leave(): void {
    if (this.member === null) return
    this.member.outstanding -= 1
    this.member = null
  }

  /** The member cannot be reached: it is passed over from now on. */
  fail(): void {
    if (this.member !== null) this.#tried = [...this.#tried, this.member]
    this.leave()
  }

  /** For the next request. */
  reset(): void {
    this.#tried = nobody
  }
}
