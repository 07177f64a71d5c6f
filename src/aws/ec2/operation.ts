/** How every operation of EC2 runs: in one transaction, in a region that exists. */
import { atomically } from '../../store/transaction.ts'
import { ApiError } from '../wire/errors.ts'
import type { Operation } from '../wire/service.ts'
import { ensureRegion } from './region.ts'
import type { Place } from './resources.ts'

/** What an operation works on. */
export interface Scope extends Place {
  readonly accountId: string
  /** Milliseconds since the Unix epoch. */
  readonly now: number
}

/** May run several times before it commits, so it touches nothing but its scope's transaction. */
export type Action<I, O extends object> = (input: I, scope: Scope) => Promise<O>

/** The operation that an action is. With `DryRun` it runs in full, so that its errors show, and commits nothing. */
export function operation<I extends object, O extends object>(
  action: Action<I, O>,
): Operation<I, O> {
  return (input, call) =>
    atomically(call.store, async (tx) => {
      await ensureRegion(tx, call.region)
      const scope = { tx, region: call.region, accountId: call.accountId, now: call.clock.now() }
      const output = await action(input, scope)
      if ('DryRun' in input && input.DryRun === true) throw dryRunSucceeded()
      return output
    })
}

function dryRunSucceeded(): ApiError {
  return new ApiError(
    'DryRunOperation',
    'Request would have succeeded, but DryRun flag is set.',
    412,
  )
}
