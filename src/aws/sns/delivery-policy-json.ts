import { z } from 'zod'
import {
  backoffFunctions,
  type DeliveryPolicy,
  defaultDeliveryPolicy,
  delayBefore,
  type RetryPolicy,
} from './delivery-policy.ts'
import { invalidParameter } from './errors.ts'

const count = z.number().int().min(0).max(100)
const seconds = z.number().int().min(1).max(3600)

/** "The total policy retry time for an HTTP/S endpoint cannot be greater than 3,600 seconds." */
const longestSeconds = 3600

const retries = z
  .strictObject({
    numRetries: count.default(3),
    numNoDelayRetries: count.default(0),
    numMinDelayRetries: count.default(0),
    numMaxDelayRetries: count.default(0),
    minDelayTarget: seconds.default(20),
    maxDelayTarget: seconds.default(20),
    backoffFunction: z.enum(backoffFunctions).default('linear'),
  })
  .refine(
    ({ numRetries, numNoDelayRetries, numMinDelayRetries, numMaxDelayRetries }) =>
      numNoDelayRetries + numMinDelayRetries + numMaxDelayRetries <= numRetries,
    'numRetries must not be less than the retries of the phases',
  )
  .refine(
    ({ minDelayTarget, maxDelayTarget }) => minDelayTarget <= maxDelayTarget,
    'minDelayTarget must not be greater than maxDelayTarget',
  )
  .refine(
    (policy) => totalSeconds(policy) <= longestSeconds,
    `takes more than ${longestSeconds} seconds`,
  )

const throttle = z.strictObject({
  maxReceivesPerSecond: z.number().int().min(1).max(100_000).nullish(),
})
const request = z.strictObject({
  headerContentType: z
    .string()
    .regex(/^[\w.+-]+\/[\w.+-]+(; ?charset=[\w-]+)?$/i, 'is no media type')
    .nullish(),
})

/** Parts that AWS shows and never uses. */
const unused = { sicklyRetryPolicy: z.null().optional(), guaranteed: z.literal(false).optional() }

const ofSubscription = z.strictObject({
  healthyRetryPolicy: retries.nullish(),
  throttlePolicy: throttle.nullish(),
  requestPolicy: request.nullish(),
  ...unused,
})

const ofTopic = z.strictObject({
  http: z
    .strictObject({
      defaultHealthyRetryPolicy: retries.nullish(),
      defaultThrottlePolicy: throttle.nullish(),
      defaultRequestPolicy: request.nullish(),
      defaultSicklyRetryPolicy: z.null().optional(),
      disableSubscriptionOverrides: z.literal(false).optional(),
    })
    .optional(),
})

/** @returns null for none @throws ApiError InvalidParameter */
export function readSubscriptionPolicy(json: string): DeliveryPolicy | null {
  if (json === '') return null
  return policyOf(read(ofSubscription, json))
}

/** @returns null for none @throws ApiError InvalidParameter */
export function readTopicPolicy(json: string): DeliveryPolicy | null {
  const { http } = json === '' ? {} : read(ofTopic, json)
  if (http === undefined) return null
  return policyOf({
    healthyRetryPolicy: http.defaultHealthyRetryPolicy,
    throttlePolicy: http.defaultThrottlePolicy,
    requestPolicy: http.defaultRequestPolicy,
  })
}

/** As AWS writes it. */
export function subscriptionPolicyJson(policy: DeliveryPolicy): string {
  const { retries: healthyRetryPolicy, maxReceivesPerSecond, contentType } = policy
  return JSON.stringify({
    healthyRetryPolicy,
    sicklyRetryPolicy: null,
    throttlePolicy: maxReceivesPerSecond === null ? null : { maxReceivesPerSecond },
    requestPolicy: contentType === null ? null : { headerContentType: contentType },
    guaranteed: false,
  })
}

/** As AWS writes it. */
export function topicPolicyJson(policy: DeliveryPolicy): string {
  const { retries: defaultHealthyRetryPolicy, maxReceivesPerSecond, contentType } = policy
  return JSON.stringify({
    http: {
      defaultHealthyRetryPolicy,
      disableSubscriptionOverrides: false,
      ...(maxReceivesPerSecond === null ? {} : { defaultThrottlePolicy: { maxReceivesPerSecond } }),
      ...(contentType === null ? {} : { defaultRequestPolicy: { headerContentType: contentType } }),
    },
  })
}

function policyOf(parts: z.infer<typeof ofSubscription>): DeliveryPolicy {
  return {
    retries: parts.healthyRetryPolicy ?? defaultDeliveryPolicy.retries,
    maxReceivesPerSecond: parts.throttlePolicy?.maxReceivesPerSecond ?? null,
    contentType: parts.requestPolicy?.headerContentType ?? null,
  }
}

function read<T extends z.ZodType>(schema: T, json: string): z.infer<T> {
  const parsed = schema.safeParse(parseJson(json))
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw invalidParameter(
    `DeliveryPolicy: ${issue?.path.join('.') || 'the policy'}: ${issue?.message}`,
  )
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    throw invalidParameter('DeliveryPolicy: failed to parse JSON')
  }
}

function totalSeconds(policy: RetryPolicy): number {
  let sum = 0
  for (let retry = 1; retry <= policy.numRetries; retry += 1) sum += delayBefore(retry, policy) ?? 0
  return sum
}
