/** How deliveries over HTTP are made, and tried again ("Creating an HTTP/S delivery policy"). */
export interface DeliveryPolicy {
  readonly retries: RetryPolicy
  /** Null: as many as there are. */
  readonly maxReceivesPerSecond: number | null
  /** Null: `text/plain; charset=UTF-8`. */
  readonly contentType: string | null
}

/** Retries in four phases: without a delay, with the least, from the least to the greatest, with the greatest. Delays are in seconds. */
export interface RetryPolicy {
  /** Of all phases. */
  readonly numRetries: number
  readonly numNoDelayRetries: number
  readonly numMinDelayRetries: number
  readonly numMaxDelayRetries: number
  readonly minDelayTarget: number
  readonly maxDelayTarget: number
  readonly backoffFunction: (typeof backoffFunctions)[number]
}

export const backoffFunctions = ['arithmetic', 'exponential', 'geometric', 'linear'] as const

/** AWS gives an endpoint a minute, this more than half an hour: as long as a restart of what is behind it may take. */
export const defaultDeliveryPolicy: DeliveryPolicy = {
  retries: {
    numRetries: 50,
    numNoDelayRetries: 3,
    numMinDelayRetries: 2,
    numMaxDelayRetries: 35,
    minDelayTarget: 1,
    maxDelayTarget: 60,
    backoffFunction: 'exponential',
  },
  maxReceivesPerSecond: null,
  contentType: null,
}

/** @param retry 1 for the first one @returns seconds, or undefined when there is no such retry */
export function delayBefore(retry: number, policy: RetryPolicy): number | undefined {
  const { numRetries, numNoDelayRetries, numMinDelayRetries, numMaxDelayRetries } = policy
  if (retry > numRetries) return undefined
  if (retry <= numNoDelayRetries) return 0
  const afterFirst = retry - numNoDelayRetries
  if (afterFirst <= numMinDelayRetries) return policy.minDelayTarget
  if (retry > numRetries - numMaxDelayRetries) return policy.maxDelayTarget
  const steps = numRetries - numNoDelayRetries - numMinDelayRetries - numMaxDelayRetries
  return backoff((afterFirst - numMinDelayRetries) / steps, policy)
}

/** @param progress more than 0, and 1 at the end of the phase */
function backoff(progress: number, policy: RetryPolicy): number {
  const { minDelayTarget: least, maxDelayTarget: greatest, backoffFunction } = policy
  switch (backoffFunction) {
    case 'linear':
      return least + (greatest - least) * progress
    case 'arithmetic':
      return least + (greatest - least) * progress ** 2
    case 'geometric':
    case 'exponential':
      return least * (greatest / least) ** progress
  }
}
