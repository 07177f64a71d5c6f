/** Finding the trail that a request names. */

import { atomically, type Reader } from '../../store/transaction.ts'
import type { TrailRecord } from '../../trail/trails.ts'
import { listTrails, trailKeys } from '../../trail/trails.ts'
import type { Call } from '../wire/service.ts'
import { notHomeRegion, trailNotFound } from './errors.ts'
import { type NamedTrail, namedTrail, trailArn } from './trail-names.ts'

type Place = Pick<Call, 'region' | 'accountId'>

/** Those that log the region's events: its own, and those of all regions. In order of name. */
export async function trailsOfRegion(tx: Reader, region: string): Promise<TrailRecord[]> {
  const trails = await listTrails(tx)
  return trails.filter((trail) => trail.homeRegion === region || trail.isMultiRegion)
}

/** @throws ApiError TrailNotFoundException */
export async function findTrail(
  tx: Reader,
  { region, name }: NamedTrail,
  place: Place,
): Promise<TrailRecord> {
  const trails = await trailsOfRegion(tx, place.region)
  const found = trails.find((trail) => trail.homeRegion === region && trail.name === name)
  if (found === undefined) {
    throw trailNotFound(trailArn(region, place.accountId, name), place.accountId)
  }
  return found
}

/** A trail that may be changed from here. @throws ApiError TrailNotFoundException, InvalidHomeRegionException, and what a name may be wrong with */
export async function homeTrail(tx: Reader, place: Place, nameOrArn: string): Promise<TrailRecord> {
  const trail = await findTrail(tx, namedTrail(nameOrArn, place.region), place)
  if (trail.homeRegion !== place.region) throw notHomeRegion(trail.name, trail.homeRegion)
  return trail
}

/** @returns the trail as it is then. @throws as {@link homeTrail}, and what `change` throws */
export function changeTrail(
  call: Call,
  nameOrArn: string,
  change: (trail: TrailRecord) => TrailRecord,
): Promise<TrailRecord> {
  return atomically(call.store, async (tx) => {
    const changed = change(await homeTrail(tx, call, nameOrArn))
    tx.put(trailKeys.trail(changed.homeRegion, changed.name), changed)
    return changed
  })
}
