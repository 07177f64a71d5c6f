/** What the outcome of a failed health check means, and what helps: the guide's pages 116–118. */
import type { HealthCheckRecord } from '../aws/elb/records.ts'
import type { Advice } from './finding.ts'

/** What was checked. */
export interface Checked {
  readonly address: string
  readonly check: HealthCheckRecord
}

interface Cause {
  /** Of {@link CheckResult.detail}. */
  readonly detail: RegExp
  advice(checked: Checked): Advice
}

const causes: readonly Cause[] = [
  {
    detail: /neither Content-Length nor chunked/,
    advice: () => ({
      advice:
        'Have the instance say how long the body of its answer is: by Content-Length, or Transfer-Encoding: chunked.',
      page: 116,
    }),
  },
  {
    detail: /^answered|not valid HTTP/,
    advice: ({ address, check }) => ({
      advice: `Only "200 OK" passes. Have the instance answer so at the ping path, or change the path of ${check.target}. Try: ${tryIt(address, check)}`,
      page: 116,
    }),
  },
  {
    detail: /^no .* within/,
    advice: ({ address, check }) => ({
      advice: `The instance is slow, overloaded, or a firewall drops packets. Choose a simpler page, or a response timeout over ${check.timeout} s (it must be less than the interval of ${check.interval} s). Try: ${tryIt(address, check)}`,
      page: 116,
    }),
  },
  {
    detail: /another public key/,
    advice: () => ({
      advice:
        'The certificate of the instance has none of the public keys of the back-end authentication policy. Install that certificate again, or put its key into the policy.',
      page: 117,
    }),
  },
  {
    detail: /^TLS handshake failed/,
    advice: ({ address, check }) => ({
      advice: `Something listens, and does not speak the TLS that is asked for. Try: openssl s_client -connect ${address}:${portOf(check)}`,
      page: 117,
    }),
  },
  {
    detail: /refused|unreachable|timed out/,
    advice: ({ address, check }) => ({
      advice: `Nothing listens there, or a firewall is in between. Open the port of ${check.target} and the instance ports of the listeners. Try: ${tryIt(address, check)}`,
      page: 118,
    }),
  },
]

/** @param detail as the check's result has it */
export function adviceOn(detail: string, checked: Checked): Advice {
  const cause = causes.find((each) => each.detail.test(detail))
  if (cause !== undefined) return cause.advice(checked)
  const { address, check } = checked
  return { advice: `Look at what the instance answers: ${tryIt(address, check)}`, page: 115 }
}

/** A command that does what the check does. */
function tryIt(address: string, check: HealthCheckRecord): string {
  const [, protocol = '', port = '', path = ''] = /^(\w+):(\d+)(.*)$/.exec(check.target) ?? []
  const host = address.includes(':') ? `[${address}]` : address
  if (/^https?$/i.test(protocol)) {
    const insecure = /s$/i.test(protocol) ? '-k ' : ''
    return `curl -i ${insecure}'${protocol.toLowerCase()}://${host}:${port}${path.replaceAll("'", '%27')}'`
  }
  return /^ssl$/i.test(protocol)
    ? `openssl s_client -connect ${host}:${port}`
    : `nc -vz ${address} ${port}`
}

function portOf({ target }: HealthCheckRecord): string {
  return /:(\d+)/.exec(target)?.[1] ?? ''
}
