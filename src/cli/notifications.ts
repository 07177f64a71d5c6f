import { readFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { ConfirmationTokens } from '../aws/sns/confirmation-tokens.ts'
import type { SmtpServer } from '../notifications/mail-post.ts'
import { Notifications } from '../notifications/notifications.ts'
import { type Settings, splitHostPort } from '../settings/settings.ts'
import type { Foundation } from './foundation.ts'

export interface NotificationParts {
  readonly tokens: ConfirmationTokens
  readonly notifications: Notifications
}

/** The delivering side of SNS, before it begins to. */
export async function openNotifications(foundation: Foundation): Promise<NotificationParts> {
  const { settings, store, box } = foundation
  const tokens = await ConfirmationTokens.open(store, box)
  const { notificationCaFile } = settings
  const ca =
    notificationCaFile === undefined ? undefined : await readFile(notificationCaFile, 'utf8')
  const smtp = await smtpServer(settings, ca)
  return { tokens, notifications: new Notifications({ ...foundation, tokens, ca, smtp }) }
}

/** Where links lead to. @param listening URL at which the API server listens */
export function linkBase({ api, apiUrl }: Settings, listening: string): string {
  if (apiUrl !== undefined) return apiUrl
  const url = new URL(listening)
  const { host } = splitHostPort(api)
  if (host === '0.0.0.0' || host === '::') url.hostname = hostname()
  return url.origin
}

const ports = { 'smtp:': 587, 'smtps:': 465 } as const

async function smtpServer(
  { smtp, smtpFrom, smtpUser, smtpPasswordFile }: Settings,
  ca: string | undefined,
): Promise<SmtpServer | null> {
  if (smtp === undefined || smtpFrom === undefined) return null
  const url = new URL(smtp)
  const scheme = url.protocol as keyof typeof ports
  const credentials =
    smtpUser === undefined || smtpPasswordFile === undefined
      ? null
      : { user: smtpUser, pass: (await readFile(smtpPasswordFile, 'utf8')).trim() }
  const startTls = credentials === null ? 'offered' : 'required'
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? ports[scheme] : Number(url.port),
    tls: scheme === 'smtps:' ? 'implicit' : startTls,
    credentials,
    ca,
    from: smtpFrom,
  }
}
