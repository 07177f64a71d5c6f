/** Deliveries over HTTP and HTTPS ("Sending Amazon SNS messages to HTTP/S endpoints"). */
import { type IncomingMessage, type RequestOptions, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import type { Clock } from '../std/clock.ts'
import { type EnvelopeParts, envelope, textFor } from './envelope.ts'
import { type Parcel, type Post, RefusedDelivery } from './post.ts'

export interface HttpPostOptions extends EnvelopeParts {
  readonly clock: Clock
  /** PEM of the authorities that endpoints' certificates may come from; undefined: those that Node trusts. */
  readonly ca: string | undefined
}

/** Milliseconds for the whole of a delivery: what an endpoint of SNS has. */
const answerTime = 15_000

export class HttpPost implements Post {
  readonly #options: HttpPostOptions

  constructor(options: HttpPostOptions) {
    this.#options = options
  }

  async send(parcel: Parcel, signal: AbortSignal): Promise<void> {
    const body = Buffer.from(await this.#body(parcel))
    const status = await this.#ask(parcel, body, signal)
    if (status >= 200 && status < 300) return
    const text = `the endpoint answered ${status}`
    // "SNS considers all 5XX errors and 429 as retryable. All other errors are considered permanent failures." Redirects too: they are not followed.
    if (status >= 500 || status === 429) throw new Error(text)
    throw new RefusedDelivery(text)
  }

  async #body(parcel: Parcel): Promise<string> {
    const { message, subscription } = parcel
    if (isRaw(parcel) && message.kind === 'notification') return textFor(message, subscription)
    return envelope(parcel, this.#options)
  }

  /** @returns the answer's status */
  #ask(parcel: Parcel, body: Buffer, signal: AbortSignal): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<number>()
    const url = new URL(parcel.subscription.endpoint)
    const options: RequestOptions = {
      method: 'POST',
      headers: { ...headersOf(parcel), 'content-length': body.byteLength },
      agent: false,
      signal,
    }
    const { ca, clock } = this.#options
    const request =
      url.protocol === 'https:'
        ? requestHttps(url, ca === undefined ? options : { ...options, ca })
        : requestHttp(url, options)
    const tooLate = () => request.destroy(new Error(`no answer within ${answerTime} ms`))
    const timer = clock.after(answerTime, tooLate)
    request.once('close', () => {
      timer.cancel()
      // With no answer and no error either, when it wanted to speak another protocol.
      reject(new Error('the endpoint closed the connection'))
    })
    request.on('error', reject)
    request.once('response', (response: IncomingMessage) => {
      // What it says beside its status is for nobody.
      response.on('error', () => undefined).resume()
      resolve(response.statusCode ?? 0)
    })
    request.end(body)
    return promise
  }
}

function headersOf(parcel: Parcel): Record<string, string> {
  const { message, subscription, topic } = parcel
  const policy = subscription.deliveryPolicy ?? topic.deliveryPolicy
  const notification = message.kind === 'notification'
  return {
    'content-type': policy?.contentType ?? 'text/plain; charset=UTF-8',
    'user-agent': 'Amazon Simple Notification Service Agent',
    'x-amz-sns-message-type': notification ? 'Notification' : 'SubscriptionConfirmation',
    'x-amz-sns-message-id': message.id,
    'x-amz-sns-topic-arn': topic.arn,
    ...(notification ? { 'x-amz-sns-subscription-arn': subscription.arn } : {}),
    ...(isRaw(parcel) ? { 'x-amz-sns-rawdelivery': 'true' } : {}),
  }
}

function isRaw({ message, subscription }: Parcel): boolean {
  return message.kind === 'notification' && subscription.rawMessageDelivery
}
