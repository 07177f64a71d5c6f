/** What the counters since the proxy's start say: the guide's pages 112–115. */
import { loadBalancerIdentity } from '../aws/elb/records.ts'
import type { ListenerCounters } from '../snapshot/status.ts'
import { addLatencies, noLatencies } from '../std/latencies.ts'
import type { Facts } from './facts.ts'
import { type Advice, type Finding, fine, notice } from './finding.ts'

type Figure = {
  [K in keyof ListenerCounters]: ListenerCounters[K] extends number ? K : never
}[keyof ListenerCounters]

interface Sign extends Advice {
  readonly figure: Figure
  /** What it counts. */
  readonly words: string
}

const signs: readonly Sign[] = [
  {
    figure: 'engine4xx',
    words: 'requests were answered 4XX by the load balancer (HTTPCode_ELB_4XX)',
    advice:
      'Clients send malformed, oversized or incomplete requests: 400, 405, 408, 413, 414, 431. The access log has which.',
    page: 114,
  },
  {
    figure: 'engine5xx',
    words: 'requests were answered 5XX by the load balancer (HTTPCode_ELB_5XX)',
    advice:
      '502: instances answered what is not HTTP; 503: no healthy instance, or a full surge queue; 504: instances were slower than the idle timeout, or closed connections: have their keep-alive timeout longer than it. The access log has which.',
    page: 115,
  },
  {
    figure: 'spillovers',
    words: 'requests or connections were turned away by a full surge queue (SpilloverCount)',
    advice: 'Add instances, or let each have more connections.',
    page: 113,
  },
  {
    figure: 'target4xx',
    words: 'answers of instances were 4XX (HTTPCode_Backend_4XX)',
    advice: 'Send such requests to an instance directly; look at its logs.',
    page: 115,
  },
  {
    figure: 'target5xx',
    words: 'answers of instances were 5XX (HTTPCode_Backend_5XX)',
    advice: 'Look at the logs of the instances; the access log says which they were.',
    page: 115,
  },
  {
    figure: 'targetConnectErrors',
    words: 'connections to instances failed (BackendConnectionErrors)',
    advice:
      'The instance port of the listener must be open on every instance, not only the port of the health check.',
    page: 118,
  },
  {
    figure: 'tlsHandshakeErrors',
    words: 'clients did not complete the TLS handshake',
    advice: 'Compare what they can do with the security policy of the listener.',
    page: 40,
  },
]

export function examineResponses(facts: Facts): Finding[] {
  const identity = loadBalancerIdentity(facts.region, facts.record)
  const own = facts.live.counters().filter(({ loadBalancer }) => loadBalancer === identity)
  const sum = (figure: Figure) => own.reduce((total, each) => total + each[figure], 0)
  const subject = 'traffic'
  const summary = `since the proxy started: ${sum('requests')} requests, ${sum('connections')} connections, ${sum('openConnections')} open now`
  return [
    fine(subject, summary),
    ...signs.flatMap(({ figure, words, ...advice }) =>
      sum(figure) === 0 ? [] : [notice(subject, `${sum(figure)} ${words}`, advice)],
    ),
    ...nonCompliant(own),
    ...slowAnswers(facts, own),
  ]
}

function nonCompliant(own: readonly ListenerCounters[]): Finding[] {
  const reasons = new Map<string, number>()
  for (const { nonCompliantRequests } of own) {
    for (const [reason, count] of Object.entries(nonCompliantRequests)) {
      reasons.set(reason, (reasons.get(reason) ?? 0) + count)
    }
  }
  if (reasons.size === 0) return []
  const list = [...reasons].map(([reason, count]) => `${reason} ${count}`).join(', ')
  return [
    notice('traffic', `requests that do not comply with HTTP: ${list}`, {
      advice: 'The desync mitigation mode decides whether they pass.',
      page: 83,
    }),
  ]
}

/** Half the idle timeout on average: many are beyond it. */
function slowAnswers({ record }: Facts, own: readonly ListenerCounters[]): Finding[] {
  const { count, sum } = own.reduce((all, one) => addLatencies(all, one.latencies), noLatencies)
  const { idleTimeout } = record.attributes
  const seconds = count === 0 ? 0 : sum / count
  if (seconds < idleTimeout / 2) return []
  const fact = `instances take ${seconds.toFixed(1)} s to answer on average, with an idle timeout of ${idleTimeout} s`
  return [notice('traffic', fact, { advice: 'Add capacity, or a longer idle timeout.', page: 114 })]
}
