import type {
  DescribeEndPointStateInput,
  DescribeEndPointStateOutput,
  InstanceState,
} from '@aws-sdk/client-elastic-load-balancing'
import type { TargetHealth } from '../../snapshot/status.ts'
import type { Clock } from '../../std/clock.ts'
import type { InstanceRecord } from '../ec2/records.ts'
import { drainingOf } from './draining.ts'
import { checkKnown, type InstanceMap, readInstances, registeredInstances } from './instances.ts'
import { type ElbOperation, readLoadBalancer } from './load-balancers.ts'
import type { ElbPorts } from './ports.ts'
import { checkIdentity, type LoadBalancerRecord } from './records.ts'

/** Without instances: all that are registered, in order of registration; else those, in that order, former ones too. */
export const describeInstanceHealth: ElbOperation<
  DescribeEndPointStateInput,
  DescribeEndPointStateOutput
> = async ({ LoadBalancerName, Instances }, call, ports) => {
  const record = await readLoadBalancer(call, LoadBalancerName ?? '')
  const instances = await readInstances(call)
  const asked = Instances?.length ? Instances : registeredInstances(record, instances)
  const ids = asked.map(({ InstanceId }) => InstanceId ?? '')
  checkKnown(record, ids)
  return {
    InstanceStates: ids.map((id) => ({
      InstanceId: id,
      ...instanceState(factsOf(id, record, instances, call, ports)),
    })),
  }
}

/** All that decides what is told of an instance. */
export interface InstanceFacts {
  readonly registered: boolean
  /** It was deregistered, and has something in flight that it may finish. */
  readonly draining: boolean
  /** undefined: EC2 has forgotten it, as it does an hour after termination. */
  readonly state: InstanceRecord['state'] | undefined
  /** Whether the load balancer has a node in the instance's zone. */
  readonly zoneEnabled: boolean
  /** undefined: no proxy has reported on it yet. `unreachable`: no proxy is connected that could. */
  readonly health: TargetHealth | undefined | 'unreachable'
}

type Told = Required<Pick<InstanceState, 'State' | 'ReasonCode' | 'Description'>>

/** What the API says of an instance, in the words of its model (InstanceState). The first reason that applies is told. */
export function instanceState(facts: InstanceFacts): Told {
  const { registered, draining, state, zoneEnabled, health } = facts
  if (draining) return inService('Instance deregistration currently in progress.')
  if (!registered) {
    return outOfService('Instance', 'Instance is not currently registered with the LoadBalancer.')
  }
  if (state !== 'running') {
    return outOfService('Instance', `Instance is in ${state ?? 'terminated'} state.`)
  }
  if (!zoneEnabled) {
    return outOfService(
      'ELB',
      'Instance is in the EC2 Availability Zone for which LoadBalancer is not configured to route traffic to.',
    )
  }
  return stateOfHealth(health)
}

function stateOfHealth(health: InstanceFacts['health']): Told {
  if (health === 'unreachable') {
    return {
      State: 'Unknown',
      ReasonCode: 'ELB',
      Description: 'A transient error occurred. Please try again later.',
    }
  }
  switch (health?.state) {
    case 'healthy':
      return inService('N/A')
    case 'unhealthy':
      return outOfService(
        'Instance',
        health.last?.passed
          ? 'Instance has not passed the configured HealthyThreshold number of health checks consecutively.'
          : 'Instance has failed at least the UnhealthyThreshold number of health checks consecutively.',
      )
    case 'initial':
    case undefined:
      return outOfService('ELB', 'Instance registration is still in progress.')
  }
}

function inService(description: string): Told {
  return { State: 'InService', ReasonCode: 'N/A', Description: description }
}

function outOfService(reason: 'ELB' | 'Instance', description: string): Told {
  return { State: 'OutOfService', ReasonCode: reason, Description: description }
}

/** When and where it is asked. */
type Asked = { readonly region: string; readonly clock: Pick<Clock, 'now'> }
type Ports = Pick<ElbPorts, 'health'>

export function factsOf(
  id: string,
  record: LoadBalancerRecord,
  instances: InstanceMap,
  call: Asked,
  ports: Ports,
): InstanceFacts {
  const registration = record.instances.find(({ instanceId }) => instanceId === id)
  const instance = instances.get(id)
  return {
    registered: registration !== undefined,
    draining: instance?.state === 'running' && drains(id, record, call, ports),
    state: instance?.state,
    zoneEnabled: record.zones.some(({ zone }) => zone === instance?.zone),
    health: registration && healthOf(checkIdentity(call.region, record, registration), ports),
  }
}

function drains(
  id: string,
  record: LoadBalancerRecord,
  { region, clock }: Asked,
  { health }: Ports,
): boolean {
  const draining = drainingOf(record, id, clock.now())
  return draining !== undefined && !health.finished(checkIdentity(region, record, draining))
}

function healthOf(check: string, { health }: Ports): InstanceFacts['health'] {
  return health.connected > 0 ? health.health(check) : 'unreachable'
}
