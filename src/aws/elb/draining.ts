/**
 * Connection draining (guide, pages 73–75): what a load balancer keeps of an instance from its deregistration until its traffic may
 * last no longer. The proxies are told of the end beforehand and keep it by themselves; here an end that has passed is passed
 * over by all who read, and leaves the document with the next change of the registrations.
 */
import type { DrainingRecord, LoadBalancerRecord, RegistrationRecord } from './records.ts'

/**
 * What an instance drains by, as far as time tells.
 * @param now milliseconds since the epoch
 */
export function drainingOf(
  record: LoadBalancerRecord,
  instanceId: string,
  now: number,
): DrainingRecord | undefined {
  return record.draining.find((each) => each.instanceId === instanceId && each.until > now)
}

/**
 * @param removed registrations that end now; they drain if draining is enabled
 * @returns what drains from now on. An instance that is registered drains no more: its traffic goes on.
 */
export function drainingAfter(
  { draining, attributes: { connectionDraining } }: LoadBalancerRecord,
  registered: readonly RegistrationRecord[],
  removed: readonly RegistrationRecord[],
  now: number,
): readonly DrainingRecord[] {
  const ids = new Set(registered.map(({ instanceId }) => instanceId))
  const going = draining.filter(({ instanceId, until }) => until > now && !ids.has(instanceId))
  if (!connectionDraining.enabled) return going
  const until = now + connectionDraining.timeout * 1000
  return [...going, ...removed.map((registration) => ({ ...registration, until }))]
}
