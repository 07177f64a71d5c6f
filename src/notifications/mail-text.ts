/** Mails as SNS writes them. */
import { confirmationOf, type EnvelopeParts, textFor } from './envelope.ts'
import type { Parcel } from './post.ts'

export interface MailText {
  readonly subject: string
  readonly text: string
}

type Parts = Pick<EnvelopeParts, 'tokens' | 'links'>

export function mailText(parcel: Parcel, parts: Parts): MailText {
  const { message, subscription } = parcel
  if (message.kind === 'confirmation') {
    return {
      subject: 'AWS Notification - Subscription Confirmation',
      text: `You have chosen to subscribe to the topic:
${subscription.topicArn}

To confirm this subscription, click or visit the link below (If this was in error no action is necessary):
${confirmationOf(parcel, parts).link}
`,
    }
  }
  return {
    subject: oneLine(message.subject ?? 'AWS Notification Message'),
    text: `${textFor(message, subscription)}

--
If you wish to stop receiving notifications from this topic, please click or visit the link below to unsubscribe:
${parts.links.unsubscribe(subscription.arn)}
`,
  }
}

/** Publish takes no other subjects; what is published here, as of alarms, may have been named by anybody. */
function oneLine(subject: string): string {
  return subject.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim()
}
