import { SNS } from '@aws-sdk/client-sns'
import { ConfirmationTokens } from '../../src/aws/sns/confirmation-tokens.ts'
import type { SnsQuotas } from '../../src/aws/sns/ports.ts'
import { createSnsService } from '../../src/aws/sns/service.ts'
import type { SmtpServer } from '../../src/notifications/mail-post.ts'
import { Notifications } from '../../src/notifications/notifications.ts'
import { SecretBox } from '../../src/std/secret-box.ts'
import { createLogger } from '../../src/telemetry/logger.ts'
import { startApi, type TestApi } from './api.ts'
import { ManualClock } from './manual-clock.ts'

export interface SnsSystemOptions {
  readonly quotas?: Partial<SnsQuotas>
  readonly smtp?: SmtpServer
  /** PEM of the authority of HTTPS endpoints. */
  readonly ca?: string
}

/** SNS behind a real server, and its deliveries, at a time that tests set. */
export class SnsSystem implements AsyncDisposable {
  readonly api: TestApi
  readonly clock: ManualClock
  readonly tokens: ConfirmationTokens
  /** Lines of the log. */
  readonly log: Record<string, unknown>[] = []
  notifications: Notifications
  readonly #options: SnsSystemOptions
  readonly #box: SecretBox
  #regions = 0

  private constructor(
    parts: Pick<SnsSystem, 'api' | 'clock' | 'tokens'>,
    box: SecretBox,
    options: SnsSystemOptions,
  ) {
    this.api = parts.api
    this.clock = parts.clock
    this.tokens = parts.tokens
    this.#box = box
    this.#options = options
    this.notifications = this.#newNotifications()
  }

  static async start(options: SnsSystemOptions = {}): Promise<SnsSystem> {
    const clock = new ManualClock()
    const box = new SecretBox(Buffer.alloc(32, 7))
    const tokens = new ConfirmationTokens(Buffer.alloc(3))
    const backlog = {
      get waitingBytes() {
        return system.notifications.waitingBytes
      },
    }
    const service = createSnsService({
      quotas: { topics: 200, subscriptions: 200, ...options.quotas },
      tokens,
      email: options.smtp !== undefined,
      backlog,
    })
    const api = await startApi({ services: [service], clock })
    const system = new SnsSystem({ api, clock, tokens }, box, options)
    await system.notifications.start(api.url)
    return system
  }

  /** As a process that ends and starts again. */
  async restart(): Promise<void> {
    await this.notifications[Symbol.asyncDispose]()
    this.notifications = this.#newNotifications()
    await this.notifications.start(this.api.url)
  }

  /** Of a region that no other test uses. */
  client(): SNS {
    this.#regions += 1
    const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' }
    const region = `us-west-${this.#regions}`
    return new SNS({ endpoint: this.api.url, region, credentials, maxAttempts: 1 })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.notifications[Symbol.asyncDispose]()
    await this.api[Symbol.asyncDispose]()
  }

  #newNotifications(): Notifications {
    const { smtp = null, ca } = this.#options
    const { store } = this.api
    const write = (line: string) => void this.log.push(JSON.parse(line))
    const logger = createLogger('info', {}, { write })
    const { clock, tokens } = this
    return new Notifications({ store, box: this.#box, clock, logger, tokens, ca, smtp })
  }
}

/** Creates a topic. @returns its ARN */
export async function newTopic(sns: SNS, Name = 'my-topic'): Promise<string> {
  const { TopicArn = '' } = await sns.createTopic({ Name })
  return TopicArn
}
