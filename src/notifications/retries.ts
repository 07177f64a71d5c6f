/** When a delivery that failed is tried again. */
import { defaultDeliveryPolicy, delayBefore, type RetryPolicy } from '../aws/sns/delivery-policy.ts'
import type { Parcel } from './post.ts'

/** SNS's for SMTP: 50 attempts over six hours ("Amazon SNS message delivery retries"). */
const mailPolicy: RetryPolicy = {
  numRetries: 49,
  numNoDelayRetries: 0,
  numMinDelayRetries: 2,
  numMaxDelayRetries: 37,
  minDelayTarget: 10,
  maxDelayTarget: 600,
  backoffFunction: 'exponential',
}

/** @param attempts that have failed @returns milliseconds; undefined when the delivery is given up */
export function pauseAfter(attempts: number, parcel: Parcel): number | undefined {
  const seconds = delayBefore(attempts, policyFor(parcel))
  return seconds === undefined ? undefined : Math.round(seconds * 1000)
}

function policyFor({ subscription, topic }: Parcel): RetryPolicy {
  if (subscription.protocol === 'email' || subscription.protocol === 'email-json') return mailPolicy
  return (subscription.deliveryPolicy ?? topic.deliveryPolicy ?? defaultDeliveryPolicy).retries
}

/** Milliseconds between the beginnings of two deliveries to the same endpoint. */
export function spacing({ subscription, topic }: Parcel): number {
  const policy = subscription.deliveryPolicy ?? topic.deliveryPolicy ?? defaultDeliveryPolicy
  return policy.maxReceivesPerSecond === null ? 0 : 1000 / policy.maxReceivesPerSecond
}
