/** What the proxy's main thread and its engine threads say to each other. */
import type { NodeFigures } from '../snapshot/figures.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import type { ListenerCounters, ListenerFailure } from '../snapshot/status.ts'

export type ToThread =
  | { readonly type: 'snapshot'; readonly snapshot: Snapshot }
  | { readonly type: 'health'; readonly check: string; readonly healthy: boolean }
  /** For TLS session tickets, newest first. */
  | { readonly type: 'ticket-keys'; readonly keys: readonly Uint8Array[] }
  /** What an OCSP responder says of a certificate; null: nothing that can be shown any more. */
  | { readonly type: 'staple'; readonly certificate: string; readonly answer: Uint8Array | null }
  | { readonly type: 'report' }
  | { readonly type: 'drain' }

export type FromThread =
  | {
      readonly type: 'applied'
      readonly revision: number
      readonly failures: readonly ListenerFailure[]
    }
  | {
      readonly type: 'counters'
      readonly counters: readonly ListenerCounters[]
      /** What nodes have counted since the last time. */
      readonly figures: readonly NodeFigures[]
      /** Access log entries that were lost since the last time. */
      readonly lostLogEntries: number
    }
  /** An access log file is closed. */
  | { readonly type: 'log-closed' }
  | { readonly type: 'finished'; readonly targets: readonly string[] }
  | { readonly type: 'drained' }
