/** The resources that both APIs have: what they are called in operations, bodies and paths, and where they are kept. */
import type { Noun } from './operations.ts'
import type {
  HealthMonitorRecord,
  L7PolicyRecord,
  L7RuleRecord,
  ListenerRecord,
  LoadBalancerRecord,
  MemberRecord,
  PoolRecord,
} from './records.ts'

export const loadBalancer: Noun<LoadBalancerRecord> = {
  title: 'LoadBalancer',
  singular: 'loadbalancer',
  plural: 'loadbalancers',
  idName: 'loadbalancer_id',
  path: 'loadbalancers',
  table: ({ loadBalancers }) => loadBalancers,
}

export const listener: Noun<ListenerRecord> = {
  title: 'Listener',
  singular: 'listener',
  plural: 'listeners',
  idName: 'listener_id',
  path: 'listeners',
  table: ({ listeners }) => listeners,
}

export const pool: Noun<PoolRecord> = {
  title: 'Pool',
  singular: 'pool',
  plural: 'pools',
  idName: 'pool_id',
  path: 'pools',
  table: ({ pools }) => pools,
}

export const member: Noun<MemberRecord> = {
  title: 'Member',
  singular: 'member',
  plural: 'members',
  idName: 'member_id',
  path: 'pools/{pool_id}/members',
  parent: { idName: 'pool_id', table: ({ pools }) => pools },
  table: ({ members }) => members,
}

export const healthMonitor: Noun<HealthMonitorRecord> = {
  title: 'HealthMonitor',
  singular: 'healthmonitor',
  plural: 'healthmonitors',
  idName: 'healthmonitor_id',
  path: 'healthmonitors',
  table: ({ healthMonitors }) => healthMonitors,
}

export const l7Policy: Noun<L7PolicyRecord> = {
  title: 'L7Policy',
  titles: 'L7Policies',
  singular: 'l7policy',
  plural: 'l7policies',
  idName: 'l7policy_id',
  path: 'l7policies',
  table: ({ l7Policies }) => l7Policies,
}

export const l7Rule: Noun<L7RuleRecord> = {
  title: 'L7Rule',
  singular: 'rule',
  plural: 'rules',
  idName: 'l7rule_id',
  path: 'l7policies/{l7policy_id}/rules',
  parent: { idName: 'l7policy_id', table: ({ l7Policies }) => l7Policies },
  table: ({ l7Rules }) => l7Rules,
}
