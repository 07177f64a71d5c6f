/** What the translations of the dialects' load balancers have in common. */
import type { Snapshot } from '../snapshot/snapshot.ts'
import type { World } from './world.ts'

/** What one load balancer adds to the snapshot. */
export type Part = Pick<Snapshot, 'nodes' | 'pools' | 'checks' | 'certificates'>

/** The keys that load balancers make stickiness cookies with. */
export interface CookieKeys {
  /** @param loadBalancer its identity @returns base64 */
  of(loadBalancer: string): string
}

export interface TranslationOptions {
  readonly cookieKeys: CookieKeys
  /** Who owns everything. */
  readonly accountId: string
  /** Where Huawei Cloud's load balancers are. */
  readonly region: string
}

/** What the translations of all load balancers need. */
export interface Shared extends TranslationOptions {
  readonly certificates: World['certificates']
}
