/** Deliveries by mail, through the SMTP server that the settings name. */
import type { NodemailerError } from 'nodemailer'
import { type EnvelopeParts, envelope } from './envelope.ts'
import { type MailText, mailText } from './mail-text.ts'
import { type Parcel, type Post, RefusedDelivery } from './post.ts'

export interface SmtpServer {
  readonly host: string
  readonly port: number
  /** `implicit`: from the first byte; `required`: by STARTTLS, or not at all; `offered`: by STARTTLS where the server has it. */
  readonly tls: 'implicit' | 'required' | 'offered'
  readonly credentials: { readonly user: string; readonly pass: string } | null
  /** PEM of the authorities that its certificate may come from; undefined: those that Node trusts. */
  readonly ca: string | undefined
  /** The address that mails are from. */
  readonly from: string
}

/** Milliseconds, each. */
const timeouts = { connectionTimeout: 15_000, greetingTimeout: 15_000, socketTimeout: 30_000 }

export class MailPost implements Post {
  readonly #server: SmtpServer
  readonly #parts: EnvelopeParts

  constructor(server: SmtpServer, parts: EnvelopeParts) {
    this.#server = server
    this.#parts = parts
  }

  async send(parcel: Parcel, signal: AbortSignal): Promise<void> {
    const { from } = this.#server
    const { message, subscription, topic } = parcel
    const transport = await this.#transport()
    const sending = transport.sendMail({
      from: { name: topic.displayName || 'AWS Notifications', address: from },
      to: { name: '', address: subscription.endpoint },
      // The same for every attempt, so that one that was taken twice shows once.
      messageId: `<${message.id}.${subscription.id}@${from.slice(from.lastIndexOf('@') + 1)}>`,
      date: new Date(message.publishedAt),
      headers: { 'Auto-Submitted': 'auto-generated' },
      ...(await this.#textOf(parcel)),
    })
    await unlessAborted(sending, signal).catch(rethrow)
  }

  async #textOf(parcel: Parcel): Promise<MailText> {
    const mail = mailText(parcel, this.#parts)
    if (parcel.subscription.protocol !== 'email-json') return mail
    return { ...mail, text: await envelope(parcel, this.#parts) }
  }

  async #transport() {
    const { createTransport } = await import('nodemailer')
    const { host, port, tls, credentials, ca } = this.#server
    return createTransport({
      host,
      port,
      secure: tls === 'implicit',
      requireTLS: tls === 'required',
      ...(credentials === null ? {} : { auth: credentials }),
      ...(ca === undefined ? {} : { tls: { ca } }),
      ...timeouts,
      disableFileAccess: true,
      disableUrlAccess: true,
    })
  }
}

/** A connection that is still open then ends by its timeouts. */
function unlessAborted(sending: Promise<unknown>, signal: AbortSignal): Promise<unknown> {
  const { promise, reject } = Promise.withResolvers<never>()
  const abort = () => reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  return Promise.race([sending, promise]).finally(() => signal.removeEventListener('abort', abort))
}

/** "5yz: permanent negative completion" (RFC 5321, section 4.2.1), said of the address or the mail; what it says of our own login may pass. */
function rethrow(error: Partial<NodemailerError>): never {
  const { code, responseCode = 0 } = error
  const refused = responseCode >= 500 && (code === 'EENVELOPE' || code === 'EMESSAGE')
  if (refused)
    throw new RefusedDelivery(`the mail was refused: ${error.response}`, { cause: error })
  throw error
}
