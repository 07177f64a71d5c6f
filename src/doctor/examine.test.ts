import { expect, test } from 'vitest'
import { selfSigned } from '../../test/support/certificate-authority.ts'
import { nothingCounted } from '../../test/support/counters.ts'
import { instance, loadBalancer } from '../../test/support/translation.ts'
import { checkIdentity, type LoadBalancerRecord } from '../aws/elb/records.ts'
import type { ListenerCounters, ListenerFailure } from '../snapshot/status.ts'
import { noLatencies } from '../std/latencies.ts'
import { examine } from './examine.ts'
import type { Facts } from './facts.ts'
import type { Finding } from './finding.ts'

const now = Date.parse('2026-01-01T12:00:00Z')
const dayMs = 86_400_000
const [http, , , https] = loadBalancer.listeners

interface Seen {
  readonly record?: Partial<LoadBalancerRecord>
  /** Ids of instances whose checks pass. */
  readonly healthy?: readonly string[]
  readonly connected?: number
  readonly failures?: readonly ListenerFailure[]
  readonly counters?: readonly Partial<ListenerCounters>[]
  readonly certificates?: Facts['certificates']
  readonly lostLogEntries?: number
}

const own = { ...nothingCounted, loadBalancer: 'aws/us-west-2/web/123' }

/** Instance i-1 is in us-west-2a, i-2 in us-west-2b. */
function findings(seen: Seen = {}): readonly Finding[] {
  const record = { ...loadBalancer, listeners: http ? [http] : [], ...seen.record }
  const passing = (seen.healthy ?? ['i-1', 'i-2']).map((id) =>
    checkIdentity('us-west-2', record, {
      instanceId: id,
      registrationId: id.replace('i-', 'r'),
    }),
  )
  return examine({
    now,
    region: 'us-west-2',
    record,
    instances: new Map([
      ['i-1', instance('i-1')],
      ['i-2', instance('i-2', { zone: 'us-west-2b' })],
    ]),
    certificates: seen.certificates ?? new Map(),
    live: {
      connected: seen.connected ?? 1,
      health: (check) => ({
        check,
        state: passing.includes(check) ? 'healthy' : 'unhealthy',
        last: { at: now, passed: passing.includes(check), detail: 'answered 500' },
      }),
      finished: () => false,
      counters: () => (seen.counters ?? []).map((some) => ({ ...own, ...some })),
      failures: () => seen.failures ?? [],
      lostLogEntries: () => seen.lostLogEntries ?? 0,
    },
  }).findings
}

/** Severity and fact of what is said about the subject. */
function told(subject: string, seen?: Seen): string[] {
  return findings(seen)
    .filter((each) => each.subject === subject)
    .map(({ severity, fact }) => `${severity}: ${fact}`)
}

test('a load balancer of which everything works has only fine findings', () => {
  expect(findings().filter(({ severity }) => severity !== 'fine')).toEqual([])
})

test('a zone without a healthy instance is a problem without cross-zone load balancing, and worth a notice with it', () => {
  const attributes = { ...loadBalancer.attributes, crossZone: false }
  const seen = { record: { attributes }, healthy: ['i-1'] }
  expect(told('zone us-west-2b', seen)).toEqual([
    expect.stringMatching(/^problem: no healthy instance here, and cross-zone/),
  ])
  expect(told('zone us-west-2a', seen)).toEqual(['fine: 1 healthy instance'])
  const crossZone = { ...attributes, crossZone: true }
  expect(told('zone us-west-2b', { ...seen, record: { attributes: crossZone } })).toEqual([
    'notice: no healthy instance here; its node uses the 1 of other zones',
  ])
})

test('every zone is told when no instance is healthy anywhere', () => {
  expect(told('zone us-west-2a', { healthy: [] })).toEqual([
    'problem: no healthy instance in any zone: HTTP requests are answered 503',
  ])
})

test('an instance in a zone that is not enabled is told with its zone', () => {
  const zones = loadBalancer.zones.slice(0, 1)
  const [finding] = findings({ record: { zones } }).filter(({ subject }) => subject.endsWith('i-2'))
  expect(finding).toMatchObject({ severity: 'problem', page: 26 })
  expect(finding?.fact).toContain('It is in us-west-2b.')
})

test('a port that could not be opened is told with its address and what to do', () => {
  const failures = [
    {
      node: 'aws/us-west-2/web/123/us-west-2a',
      listener: 'aws/us-west-2/web/123/us-west-2a/http-80',
      address: '127.16.0.9',
      port: 80,
      reason: 'EADDRINUSE',
    },
  ]
  expect(told('listener HTTP:80', { failures })).toEqual([
    'problem: port 80 could not be opened on 127.16.0.9: EADDRINUSE',
  ])
})

test('the certificate of an HTTPS listener is told when it is missing, expired, or near its end', async () => {
  if (https?.certificateArn == null) throw new Error('the fixture has no HTTPS listener')
  const arn = https.certificateArn
  const subject = `listener HTTPS:${https.loadBalancerPort}`
  const record = { listeners: [https] }
  expect(told(subject, { record }).at(-1)).toMatch(/^problem: its certificate .* is missing/)
  const withEnd = async (days: number) => {
    const notAfter = new Date(now + days * dayMs)
    const { certificate, privateKey } = await selfSigned({
      notBefore: new Date(now - 100 * dayMs),
      notAfter,
    })
    const certificates = new Map([[arn, { id: arn, chain: certificate, key: privateKey }]])
    return told(subject, { record, certificates }).at(-1)
  }
  expect(await withEnd(-1)).toMatch(/^problem: .*it has expired$/)
  expect(await withEnd(10)).toMatch(/^notice: .* 10 days$/)
  expect(await withEnd(90)).toMatch(/^fine: its certificate is valid until/)
})

test('error counts are told with their causes, and those of other load balancers are not', () => {
  const counters = [
    { engine5xx: 3, spillovers: 2, nonCompliantRequests: { BadHeader: 1 } },
    { loadBalancer: 'aws/us-west-2/other/9', engine4xx: 7 },
  ]
  expect(told('traffic', { counters })).toEqual([
    'fine: since the proxy started: 0 requests, 0 connections, 0 open now',
    'notice: 3 requests were answered 5XX by the load balancer (HTTPCode_ELB_5XX)',
    'notice: 2 requests or connections were turned away by a full surge queue (SpilloverCount)',
    'notice: requests that do not comply with HTTP: BadHeader 1',
  ])
})

test('instances that need half the idle timeout on average are told to be slow', () => {
  const counters = [{ latencies: { ...noLatencies, count: 10, sum: 400 } }]
  expect(told('traffic', { counters }).at(-1)).toBe(
    'notice: instances take 40.0 s to answer on average, with an idle timeout of 60 s',
  )
})

test('without a proxy, that comes first: nothing else is live', () => {
  expect(findings({ connected: 0 })[0]).toMatchObject({ severity: 'problem', subject: 'proxies' })
})
