import type { Service } from './context.ts'
import type { Member } from './member.ts'
import type { Session } from './stickiness/session.ts'

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
  #session: Session<Member> | null = null

  constructor(service: Service) {
    this.#service = service
  }

  /** How many members could not be reached. */
  get failures(): number {
    return this.#tried.length
  }

  /** Picks a member that was not tried, the one that the client is bound to before others, and counts it. @returns null when there is none */
  take(): Member | null {
    const member = this.#bound() ?? this.#service.selector.pick(this.#tried)
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

  /** For the next request. @param head what is sent of its head, as text */
  begin(head: string): void {
    this.#tried = nobody
    const { stickiness } = this.#service
    this.#session = stickiness === null ? null : stickiness.session(head)
  }

  /** The head of the member's response, with the cookies of the listener's stickiness. */
  marked(head: string): string {
    if (this.#session === null || this.member === null) return head
    return this.#session.marked(head, this.member)
  }

  #bound(): Member | undefined {
    const member = this.#session?.bound
    if (member === undefined || member.standing !== 'available') return undefined
    return this.#tried.includes(member) ? undefined : member
  }
}
