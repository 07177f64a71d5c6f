import type { Stickiness as StickinessSpec } from '../../snapshot/stickiness.ts'
import { AppCookie } from './app-cookie.ts'
import { LbCookie } from './lb-cookie.ts'
import type { Stickiness } from './session.ts'
import { usualCookie } from './set-cookie-field.ts'
import { type Candidate, Tokens } from './tokens.ts'

/**
 * @param pool {@link Pool.id}
 * @param candidates the targets that take traffic now, in whichever zone: a binding goes before the zone
 * @param before what the listener had until now
 */
export function stickinessOf<T>(
  spec: StickinessSpec,
  pool: string,
  candidates: readonly Candidate<T>[],
  before: Stickiness<T> | null,
): Stickiness<T> {
  const tokens = new Tokens(spec.key, pool, candidates, before?.tokens ?? null)
  switch (spec.kind) {
    case 'lb-cookie':
      return new LbCookie(tokens, spec.name ?? usualCookie, spec.lifetime)
    case 'app-cookie':
      return new AppCookie(tokens, spec.name ?? usualCookie, spec.cookie)
  }
}
