import type { ConfirmationTokens } from './confirmation-tokens.ts'

/** What SNS needs of its surroundings: given by the composition root. */
export interface SnsPorts {
  readonly quotas: SnsQuotas
  readonly tokens: ConfirmationTokens
  /** Whether mails can be sent. */
  readonly email: boolean
  readonly backlog: Backlog
}

export interface SnsQuotas {
  /** In a region. */
  readonly topics: number
  /** Of a topic. */
  readonly subscriptions: number
}

export interface Backlog {
  /** Of messages that wait for their delivery. */
  readonly waitingBytes: number
}
