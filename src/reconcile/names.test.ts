import { expect, test } from 'vitest'
import type { LoadBalancerRecord } from '../aws/elb/records.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import { Names } from './names.ts'

const record = { name: 'web', id: '1', dnsName: 'Web-1.us-west-2.elb.weir.internal' }
const world = {
  revision: 1,
  challenges: [],
  system: '',
  certificates: new Map(),
  projects: [],
  regions: [
    {
      region: 'us-west-2',
      loadBalancers: [record as unknown as LoadBalancerRecord],
      instances: new Map(),
    },
  ],
}
const name = 'web-1.us-west-2.elb.weir.internal'

function snapshot(crossZone: boolean): Snapshot {
  const loadBalancer = 'aws/us-west-2/web/1'
  const node = (zone: string, addresses: string[]) => ({
    id: `n-${zone}`,
    loadBalancer,
    zone,
    addresses,
    listeners: [
      {
        id: `l-${zone}`,
        protocol: 'http' as const,
        port: 80,
        pool: 'p',
        idleTimeout: 60_000,
        desync: 'defensive' as const,
      },
    ],
  })
  const target = (id: string, zone: string) => ({ id, host: '::1', port: 1, zone, check: id })
  return {
    revision: 1,
    nodes: [node('a', ['127.0.0.1']), node('b', ['127.0.0.2', 'fd00::2'])],
    pools: [
      {
        id: 'p',
        loadBalancer,
        protocol: 'http',
        algorithm: 'least-outstanding',
        crossZone,
        proxyProtocol: false,
        draining: [],
        finishUnhealthy: true,
        maxConnections: null,
        slowStart: 0,
        targets: [target('i-a', 'a'), target('i-b', 'b')],
      },
    ],
    checks: [],
    certificates: [],
    challenges: [],
    system: '',
  }
}

function namesWith(crossZone: boolean, ...healthy: string[]): Names {
  const names = new Names((check) => healthy.includes(check), ['eu-west-1.elb.weir.internal'])
  names.update(world, snapshot(crossZone))
  return names
}

test('a name has the addresses of the zones with a healthy target of their own', () => {
  expect(namesWith(false, 'i-a').lookup(name)?.ipv4).toEqual(['127.0.0.1'])
  expect(namesWith(false, 'i-a', 'i-b').lookup(name)).toEqual({
    ipv4: ['127.0.0.1', '127.0.0.2'],
    ipv6: ['fd00::2'],
  })
})

test('with cross-zone balancing one healthy target anywhere makes all zones serve', () => {
  expect(namesWith(true, 'i-a').lookup(name)?.ipv4).toEqual(['127.0.0.1', '127.0.0.2'])
})

test('when nothing is healthy all nodes are answered', () => {
  expect(namesWith(false).lookup(name)?.ipv4).toEqual(['127.0.0.1', '127.0.0.2'])
})

test('the prefixes ipv6 and dualstack choose the kind of address; other names are unknown', () => {
  const names = namesWith(true, 'i-a')
  expect(names.lookup(`ipv6.${name}`)).toEqual({ ipv4: [], ipv6: ['fd00::2'] })
  expect(names.lookup(`dualstack.${name}`)?.ipv4).toHaveLength(2)
  expect(names.lookup(`www.${name}`)).toBeUndefined()
})

test('the zone of every load balancer is served, and the one of the own region', () => {
  expect([...namesWith(true).apexes()]).toEqual([
    'eu-west-1.elb.weir.internal',
    'us-west-2.elb.weir.internal',
  ])
})

test('what authorities look for has TXT records under each of its names', () => {
  const names = namesWith(true)
  const proof = (text: string, ...of: string[]) => ({ kind: 'dns-01' as const, names: of, text })
  const http = { kind: 'http-01' as const, token: 't', keyAuthorization: 'k' }
  const challenges = [proof('1', '_acme-challenge.a.example', '_x.own'), http]
  names.update(
    { ...world, challenges: [...challenges, proof('2', '_acme-challenge.a.example')] },
    snapshot(true),
  )
  expect(names.texts('_acme-challenge.a.example')).toEqual(['1', '2'])
  expect(names.texts('_x.own')).toEqual(['1'])
  expect(names.texts('t')).toBeUndefined()
  names.update(world, snapshot(true))
  expect(names.texts('_x.own')).toBeUndefined()
})
