import type { Algorithm } from '../../snapshot/snapshot.ts'
import { LeastOutstanding } from './least-outstanding.ts'
import { RoundRobin } from './round-robin.ts'
import type { Loaded, Rotation, Selector } from './selector.ts'
import { SourceIp } from './source-ip.ts'
import { leastLoadedFirst, unreachableLast, WeightedTurns } from './weighted.ts'

/** @param targets those that may take traffic now */
export function selectorFor<T extends Loaded>(
  algorithm: Algorithm,
  targets: readonly T[],
  rotation: Rotation,
): Selector<T> {
  const weighted = targets.some(({ weight }) => weight !== targets[0]?.weight)
  switch (algorithm) {
    case 'round-robin':
      return weighted
        ? new WeightedTurns(targets, rotation, unreachableLast)
        : new RoundRobin(targets, rotation)
    case 'least-outstanding':
      return weighted
        ? new WeightedTurns(targets, rotation, leastLoadedFirst)
        : new LeastOutstanding(targets, rotation)
    case 'source-ip':
      return new SourceIp(targets)
  }
}
