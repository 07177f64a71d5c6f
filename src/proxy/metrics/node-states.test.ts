import { expect, test } from 'vitest'
import type { Node, Pool, Snapshot, Target } from '../../snapshot/snapshot.ts'
import type { HealthState, ListenerCounters } from '../../snapshot/status.ts'
import { nodeStates } from './node-states.ts'

const node = (zone: string, loadBalancer = 'lb'): Node => ({
  id: `${loadBalancer}/${zone}`,
  loadBalancer,
  zone,
  addresses: [],
  listeners: [],
})

const target = (id: string, zone: string): Target => ({
  id,
  zone,
  host: '127.0.0.1',
  port: 80,
  check: id,
})

/** The guide's example: two instances in each zone, one of them unhealthy. */
const targets = [target('a1', 'a'), target('a2', 'a'), target('b1', 'b'), target('b2', 'b')]
const health = new Map<string, HealthState>([
  ['a1', 'unhealthy'],
  ...['a2', 'b1', 'b2'].map((id): [string, HealthState] => [id, 'healthy']),
])

function snapshot(crossZone: boolean, change: Partial<Snapshot> = {}): Snapshot {
  const pool = (id: string) => ({ id, loadBalancer: 'lb', crossZone, targets }) as unknown as Pool
  return {
    revision: 1,
    nodes: [node('a'), node('b')],
    // Two ports of the same instances.
    pools: [pool('80'), pool('81')],
    checks: [],
    certificates: [],
    challenges: [],
    system: '',
    ...change,
  }
}

const statesOf = (...given: Parameters<typeof nodeStates>) =>
  nodeStates(...given).map(({ zone, state }) => ({ zone, ...state?.targets }))

test('a node sees the targets of its zone, each once', () => {
  const a = { healthy: 1, unhealthy: 1 }
  const b = { healthy: 2, unhealthy: 0 }
  expect(statesOf(snapshot(false), health, [])).toEqual([
    { zone: 'a', inZone: a, inReach: a },
    { zone: 'b', inZone: b, inReach: b },
  ])
})

test('with cross-zone balancing, a node reaches the targets of all zones', () => {
  const all = { healthy: 3, unhealthy: 1 }
  expect(statesOf(snapshot(true), health, [])).toMatchObject([
    { zone: 'a', inZone: { healthy: 1, unhealthy: 1 }, inReach: all },
    { zone: 'b', inZone: { healthy: 2, unhealthy: 0 }, inReach: all },
  ])
})

test('a target that no check has decided on is neither healthy nor unhealthy', () => {
  const initial = new Map(targets.map(({ id }) => [id, 'initial' as const]))
  const none = { healthy: 0, unhealthy: 0 }
  const [first] = statesOf(snapshot(false), initial, [])
  expect(first).toEqual({ zone: 'a', inZone: none, inReach: none })
})

test('nothing is said of targets where one has not been checked yet', () => {
  const known = new Map([...health].filter(([id]) => id !== 'a2'))
  expect(statesOf(snapshot(false), known, []).map(({ zone }) => zone)).toEqual(['b'])
  expect(statesOf(snapshot(true), known, [])).toEqual([])
})

test('registered targets to which nothing can go are unhealthy, also when there are no others', () => {
  const nodes = [{ ...node('a'), absentTargets: 1 }, node('b')]
  const one = { healthy: 0, unhealthy: 1 }
  const none = { healthy: 0, unhealthy: 0 }
  expect(statesOf(snapshot(false, { nodes, pools: [] }), health, [])).toEqual([
    { zone: 'a', inZone: one, inReach: one },
    { zone: 'b', inZone: none, inReach: none },
  ])
  expect(statesOf(snapshot(true, { nodes }), health, [])).toMatchObject([
    { inZone: { healthy: 1, unhealthy: 2 }, inReach: { healthy: 3, unhealthy: 2 } },
    { inZone: { healthy: 2, unhealthy: 0 }, inReach: { healthy: 3, unhealthy: 2 } },
  ])
})

test('a node without targets and connections has no state', () => {
  expect(nodeStates(snapshot(false, { pools: [] }), health, [])).toEqual([])
})

test('connections of all listeners of a node count, with what is with targets', () => {
  const listener = { loadBalancer: 'lb', zone: 'a', openConnections: 3, outstanding: 2 }
  const counters = [listener, listener] as ListenerCounters[]
  expect(nodeStates(snapshot(false, { pools: [] }), health, counters)).toEqual([
    { loadBalancer: 'lb', zone: 'a', counts: {}, state: { openConnections: 10 } },
  ])
})
