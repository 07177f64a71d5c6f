import { factsOf, type InstanceFacts, instanceState } from '../aws/elb/instance-health.ts'
import type { RegistrationRecord } from '../aws/elb/records.ts'
import type { Facts } from './facts.ts'
import { adviceOn } from './failed-checks.ts'
import { type Advice, type Finding, fine, notice, problem } from './finding.ts'

const slowRegistration: Advice = {
  advice: 'It takes traffic when its first health check has passed.',
  page: 119,
}

/** Why is each instance in or out of service? */
export function examineInstances(facts: Facts): Finding[] {
  const { record } = facts
  if (record.instances.length > 0) return record.instances.map((each) => examine(each, facts))
  return [
    problem('instances', 'none is registered: HTTP requests are answered 503', {
      advice: 'Register at least one instance in each enabled Availability Zone.',
      page: 113,
    }),
  ]
}

function examine({ instanceId }: RegistrationRecord, facts: Facts): Finding {
  const { record, instances, region, now, live } = facts
  const subject = `instance ${instanceId}`
  const known = factsOf(
    instanceId,
    record,
    instances,
    { region, clock: { now: () => now } },
    { health: live },
  )
  const { State, Description } = instanceState(known)
  const told = `${State}: ${Description}`
  if (known.state !== 'running') {
    return problem(subject, told, { advice: 'Start the instance, or deregister it.', page: 30 })
  }
  const instance = instances.get(instanceId)
  if (!known.zoneEnabled) {
    const zone = instance?.zone ?? ''
    return problem(subject, `${told} It is in ${zone}.`, {
      advice: `Enable ${zone} for the load balancer, or register instances in its zones.`,
      page: 26,
    })
  }
  return ofHealth(subject, told, known.health, {
    address: instance?.privateIpAddress ?? '',
    facts,
  })
}

interface Where {
  readonly address: string
  readonly facts: Facts
}

function ofHealth(
  subject: string,
  told: string,
  health: InstanceFacts['health'],
  { address, facts }: Where,
): Finding {
  if (health === 'unreachable') {
    return problem(subject, 'no proxy is connected that could say how it is', {
      advice: 'See "proxies" above.',
      page: 111,
    })
  }
  const check = facts.record.healthCheck
  const last = health?.last ?? null
  const seen =
    last === null
      ? `no check of ${check.target} at ${address} has been finished yet`
      : `checks of ${check.target} at ${address} since ${new Date(last.at).toISOString()}: ${last.detail}`
  if (health?.state === 'healthy' && last?.passed !== false)
    return fine(subject, `InService; ${seen}`)
  if (last === null) return notice(subject, `${told} ${seen}`, slowRegistration)
  if (last.passed) return notice(subject, `${told} ${seen}`, returning(check.healthyThreshold))
  const advice = adviceOn(last.detail, { address, check })
  return (health?.state === 'healthy' ? notice : problem)(subject, `${told} ${seen}`, advice)
}

function returning(healthyThreshold: number): Advice {
  return {
    advice: `It is back when ${healthyThreshold} checks in a row have passed.`,
    page: 17,
  }
}
