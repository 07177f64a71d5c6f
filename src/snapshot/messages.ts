/**
 * The protocol between control and proxy: JSON lines, the same over any stream. Control sends whole snapshots;
 * a proxy answers with what it sees. A proxy that connects anew says everything again, so neither side keeps a backlog; but for figures,
 * which a proxy keeps until control has them.
 */
import type { FiguresBatch } from './figures.ts'
import type { Snapshot } from './snapshot.ts'
import type { ListenerCounters, ListenerFailure, TargetHealth } from './status.ts'

/** Raised when a message changes its meaning: both sides must speak the same. */
export const protocolVersion = 10

export type ToProxy =
  | { readonly type: 'snapshot'; readonly snapshot: Snapshot }
  /** Control has that batch of figures, and will have it after a crash. */
  | { readonly type: 'figures-stored'; readonly source: string; readonly sequence: number }

export type FromProxy =
  /** The first message of a connection. `proxy` identifies the process through reconnects. */
  | { readonly type: 'hello'; readonly proxy: string; readonly protocol: number }
  /** The snapshot of that revision is in force, but for the failures. */
  | {
      readonly type: 'applied'
      readonly revision: number
      readonly failures: readonly ListenerFailure[]
    }
  /** States that are new or changed; with `all`, the states of all checks that there are. */
  | { readonly type: 'health'; readonly all: boolean; readonly health: readonly TargetHealth[] }
  /**
   * The {@link DrainingTarget.id} of all draining targets with an end that have nothing in flight here any more. Nothing is said while there
   * is none.
   */
  | { readonly type: 'finished'; readonly targets: readonly string[] }
  /** Running totals since the proxy process started. */
  | {
      readonly type: 'counters'
      readonly counters: readonly ListenerCounters[]
      /** Access log entries that were lost. */
      readonly lostLogEntries: number
      /** Batches of figures that were given up. */
      readonly lostFigures: number
    }
  /** Said again until control has it: the proxy keeps it until then, also through its own end. */
  | { readonly type: 'figures'; readonly batch: FiguresBatch }
