/** How deliveries over HTTP are tried again ("Creating an HTTP/S delivery policy"). */
export interface DeliveryPolicy {
  readonly retries: RetryPolicy
  /** Null: `text/plain; charset=UTF-8`. */
  readonly contentType: string | null
}

/** A retry after each of these pauses, in seconds: without a delay, with the least, from the least to the greatest, with the greatest. */
export interface RetryPolicy {
  readonly numRetries: number
  readonly numNoDelayRetries: number
  readonly numMinDelayRetries: number
  readonly numMaxDelayRetries: number
  readonly minDelayTarget: number
  readonly maxDelayTarget: number
  readonly backoffFunction: (typeof backoffFunctions)[number]
}

export const backoffFunctions = ['arithmetic', 'exponential', 'geometric', 'linear'] as const
