import { expect, test } from 'vitest'
import type { TargetHealth } from '../../snapshot/status.ts'
import { type InstanceFacts, instanceState } from './instance-health.ts'

function reported(state: TargetHealth['state'], passed?: boolean): TargetHealth {
  const last = passed === undefined ? null : { at: 0, passed, detail: '' }
  return { check: 'check', state, last }
}

const healthy: InstanceFacts = {
  registered: true,
  draining: false,
  state: 'running',
  zoneEnabled: true,
  health: reported('healthy', true),
}

test.each<[string, Partial<InstanceFacts>, string, string, string]>([
  ['passes its checks', {}, 'InService', 'N/A', 'N/A'],
  [
    'passes its checks, though the last one failed',
    { health: reported('healthy', false) },
    'InService',
    'N/A',
    'N/A',
  ],
  [
    'was not reported on yet',
    { health: undefined },
    'OutOfService',
    'ELB',
    'Instance registration is still in progress.',
  ],
  [
    'can be checked by no proxy',
    { health: 'unreachable' },
    'Unknown',
    'ELB',
    'A transient error occurred. Please try again later.',
  ],
  [
    'has passed no check yet',
    { health: reported('initial', false) },
    'OutOfService',
    'ELB',
    'Instance registration is still in progress.',
  ],
  [
    'fails its checks',
    { health: reported('unhealthy', false) },
    'OutOfService',
    'Instance',
    'Instance has failed at least the UnhealthyThreshold number of health checks consecutively.',
  ],
  [
    'is coming back',
    { health: reported('unhealthy', true) },
    'OutOfService',
    'Instance',
    'Instance has not passed the configured HealthyThreshold number of health checks consecutively.',
  ],
  [
    'is in a zone that is not enabled',
    { zoneEnabled: false },
    'OutOfService',
    'ELB',
    'Instance is in the EC2 Availability Zone for which LoadBalancer is not configured to route traffic to.',
  ],
  [
    'is not registered any more',
    { registered: false, state: 'terminated' },
    'OutOfService',
    'Instance',
    'Instance is not currently registered with the LoadBalancer.',
  ],
  [
    'is deregistered and drains',
    { registered: false, draining: true, health: undefined },
    'InService',
    'N/A',
    'Instance deregistration currently in progress.',
  ],
  [
    'is stopped',
    { state: 'stopped', zoneEnabled: false },
    'OutOfService',
    'Instance',
    'Instance is in stopped state.',
  ],
  [
    'is terminated',
    { state: 'terminated' },
    'OutOfService',
    'Instance',
    'Instance is in terminated state.',
  ],
  [
    'is forgotten by EC2',
    { state: undefined, zoneEnabled: false },
    'OutOfService',
    'Instance',
    'Instance is in terminated state.',
  ],
])('an instance that %s', (_, facts, State, ReasonCode, Description) => {
  expect(instanceState({ ...healthy, ...facts })).toEqual({ State, ReasonCode, Description })
})
