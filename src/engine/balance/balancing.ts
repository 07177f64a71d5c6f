import type { Algorithm } from '../../snapshot/snapshot.ts'
import { LeastOutstanding } from './least-outstanding.ts'
import { RoundRobin } from './round-robin.ts'
import type { Loaded, Rotation, Selector } from './selector.ts'

/** @param targets those that may take traffic now */
export function selectorFor<T extends Loaded>(
  algorithm: Algorithm,
  targets: readonly T[],
  rotation: Rotation,
): Selector<T> {
  switch (algorithm) {
    case 'round-robin':
      return new RoundRobin(targets, rotation)
    case 'least-outstanding':
      return new LeastOutstanding(targets, rotation)
  }
}
