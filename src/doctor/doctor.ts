import { readWorld, type World } from '../reconcile/world.ts'
import type { Clock } from '../std/clock.ts'
import type { SecretBox } from '../std/secret-box.ts'
import type { Store } from '../store/store.ts'
import type { DoctorQuestion } from './doctor-socket.ts'
import { type Examination, examine } from './examine.ts'
import type { LiveSource } from './facts.ts'

export interface DoctorOptions {
  readonly store: Store
  readonly box: SecretBox
  readonly clock: Clock
  readonly live: LiveSource
}

/**
 * Examines the load balancers of that name, or all, with what the store and the proxies say now.
 * @throws Error when there is none
 */
export async function examineLoadBalancers(
  { loadBalancer, region }: DoctorQuestion,
  { store, box, clock, live }: DoctorOptions,
): Promise<Examination[]> {
  // Records that cannot be used are in the log of control already: it says so each time that it reads them.
  const world = await readWorld(store, box, () => undefined)
  const found = loadBalancers(world).filter(
    (facts) =>
      (loadBalancer === null || facts.record.name === loadBalancer) &&
      (region === null || facts.region === region),
  )
  if (found.length === 0 && loadBalancer !== null) {
    const where = region === null ? 'any region' : region
    throw new Error(`there is no load balancer named '${loadBalancer}' in ${where}`)
  }
  return found.map((facts) => examine({ ...facts, now: clock.now(), live }))
}

function loadBalancers({ regions, certificates }: World) {
  return regions.flatMap(({ region, loadBalancers, instances }) =>
    loadBalancers.map((record) => ({ region, record, instances, certificates })),
  )
}
