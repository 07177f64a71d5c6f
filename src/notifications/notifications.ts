/** The delivering side of SNS, put together. */
import type { ConfirmationTokens } from '../aws/sns/confirmation-tokens.ts'
import type { Clock, Timer } from '../std/clock.ts'
import type { SecretBox } from '../std/secret-box.ts'
import type { Store } from '../store/store.ts'
import type { Logger } from '../telemetry/logger.ts'
import { Deliveries, type DeliveryCounts } from './deliveries.ts'
import { HttpPost } from './http-post.ts'
import { Links } from './links.ts'
import { MailPost, type SmtpServer } from './mail-post.ts'
import type { Post } from './post.ts'
import { SigningIdentity } from './signing-identity.ts'
import { removeUnconfirmed } from './unconfirmed.ts'

export interface NotificationsOptions {
  readonly store: Store
  readonly box: SecretBox
  readonly clock: Clock
  readonly logger: Logger
  readonly tokens: ConfirmationTokens
  /** PEM of the authorities that endpoints' certificates may come from; undefined: those that Node trusts. */
  readonly ca: string | undefined
  /** Null: no mails are sent. */
  readonly smtp: SmtpServer | null
}

/** Milliseconds between two looks for subscriptions that nobody has confirmed. */
const cleaningPeriod = 3_600_000

export class Notifications implements AsyncDisposable {
  readonly #options: NotificationsOptions
  readonly #identity: SigningIdentity
  readonly #deliveries: Deliveries
  #cleaning: Timer | undefined

  constructor(options: NotificationsOptions) {
    this.#options = options
    this.#identity = new SigningIdentity(options.store, options.box)
    this.#deliveries = new Deliveries(options)
  }

  /** Begins to deliver. @param apiUrl under which endpoints and readers of mails reach the API, without a path */
  async start(apiUrl: string): Promise<void> {
    const { tokens, store, clock, logger, ca, smtp } = this.#options
    const parts = { identity: this.#identity, tokens, links: new Links(apiUrl) }
    const http = new HttpPost({ ...parts, clock, ca })
    const mail = smtp === null ? noMail : new MailPost(smtp, parts)
    await this.#deliveries.start({ http, https: http, email: mail, 'email-json': mail })
    this.#cleaning = clock.every(cleaningPeriod, () => {
      removeUnconfirmed(store, clock.now()).catch((error: unknown) =>
        logger.error({ err: error }, 'removing unconfirmed subscriptions failed'),
      )
    })
  }

  get counts(): DeliveryCounts {
    return this.#deliveries.counts
  }

  /** Of the messages that wait. */
  get waitingBytes(): number {
    return this.#deliveries.bytes
  }

  /** PEM of the certificate that receivers find at that path; undefined when it is none of ours. */
  certificateAt(path: string): Promise<string | undefined> {
    return this.#identity.certificateAt(path)
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#cleaning?.cancel()
    return this.#deliveries[Symbol.asyncDispose]()
  }
}

/** Weir was started without an SMTP server after it had one, which may be a mistake. */
const noMail: Post = {
  send: () => Promise.reject(new Error('Weir was started without an SMTP server')),
}
