import { Counter, Gauge, type Registry } from 'prom-client'
import type { DeliveryCounts } from '../../notifications/deliveries.ts'

const totals: readonly [name: string, help: string, count: keyof DeliveryCounts][] = [
  [
    'weir_notifications_delivered_total',
    'Messages of SNS that an endpoint or the SMTP server has taken.',
    'delivered',
  ],
  [
    'weir_notification_failures_total',
    'Attempts to deliver a message of SNS that failed.',
    'failed',
  ],
  [
    'weir_notifications_given_up_total',
    'Messages of SNS that an endpoint refused, or whose retries are used up: it does not get them.',
    'givenUp',
  ],
]

/** Adds what has become of the messages of SNS. */
export function addNotificationMetrics(
  registry: Registry,
  notifications: { readonly counts: DeliveryCounts },
): void {
  const registers = [registry]
  for (const [name, help, count] of totals) {
    new Counter({
      name,
      help,
      registers,
      collect() {
        this.reset()
        this.inc(notifications.counts[count])
      },
    })
  }
  new Gauge({
    name: 'weir_notifications_waiting',
    help: 'Messages of SNS that wait for their delivery, each counted for every subscription.',
    registers,
    collect() {
      this.set(notifications.counts.waiting)
    },
  })
}
