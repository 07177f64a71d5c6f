import { X509Certificate } from 'node:crypto'
import { isSecure } from '../aws/elb/protocols.ts'
import { type ListenerRecord, loadBalancerIdentity } from '../aws/elb/records.ts'
import type { Facts } from './facts.ts'
import { type Finding, fine, notice, problem } from './finding.ts'

const dayMs = 86_400_000
/** As AWS Certificate Manager's first reminder is sent 45 days before, and renewal starts 60 days before: this is late. */
const warningDays = 30

/** Is each port open, and with a certificate that clients accept? */
export function examineListeners(facts: Facts): Finding[] {
  return facts.record.listeners.flatMap((listener) => {
    const subject = `listener ${listener.protocol}:${listener.loadBalancerPort}`
    const secured = isSecure(listener.protocol) ? certificate(subject, listener, facts) : []
    return [...ports(subject, listener, facts), ...secured]
  })
}

function ports(subject: string, listener: ListenerRecord, facts: Facts): Finding[] {
  const { record, region, live } = facts
  const identity = loadBalancerIdentity(region, record)
  const own = `/${listener.protocol.toLowerCase()}-${listener.loadBalancerPort}`
  const failures = live
    .failures()
    .filter((each) => each.listener.startsWith(`${identity}/`) && each.listener.endsWith(own))
  if (failures.length === 0) {
    const addresses = record.zones.map(({ address }) => address).join(', ')
    return [fine(subject, `open on ${addresses}`)]
  }
  return failures.map(({ address, port, reason }) =>
    problem(subject, `port ${port} could not be opened on ${address}: ${reason}`, {
      advice: adviceOnPort(reason),
      page: 118,
    }),
  )
}

function adviceOnPort(reason: string): string {
  if (/EADDRINUSE/.test(reason)) return 'Another program has the port: end it, or choose another.'
  if (/EACCES/.test(reason)) {
    return 'Ports below 1024 need a right: CAP_NET_BIND_SERVICE, or net.ipv4.ip_unprivileged_port_start.'
  }
  if (/EADDRNOTAVAIL/.test(reason)) {
    return 'The machine does not have the address: add the subnet’s addresses to it.'
  }
  return 'The log of the proxy has the error.'
}

function certificate(
  subject: string,
  { certificateArn }: ListenerRecord,
  { certificates, now }: Facts,
): Finding[] {
  const found = certificates.get(certificateArn ?? '')
  if (found === undefined) {
    return [
      problem(
        subject,
        `its certificate ${certificateArn} is missing or cannot be used: the port is not open`,
        { advice: 'Set another with set-load-balancer-listener-ssl-certificate.', page: 111 },
      ),
    ]
  }
  const { validToDate, validFromDate } = new X509Certificate(found.chain)
  const days = Math.floor((validToDate.getTime() - now) / dayMs)
  const until = `its certificate is valid until ${validToDate.toISOString()}`
  const advice = { advice: 'Replace the certificate.', page: 62 }
  if (validFromDate.getTime() > now) {
    const from = validFromDate.toISOString()
    return [problem(subject, `its certificate is not valid before ${from}`, advice)]
  }
  if (days < 0) return [problem(subject, `${until}: it has expired`, advice)]
  if (days < warningDays) return [notice(subject, `${until}: ${days} days`, advice)]
  return [fine(subject, until)]
}
