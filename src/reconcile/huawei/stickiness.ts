import type { PoolRecord } from '../../huawei/elb/records.ts'
import type { Stickiness } from '../../snapshot/stickiness.ts'
import type { HuaweiTranslation } from './translate.ts'

/** The load balancer's own cookie: of each pool, so that a client whose requests go to several keeps what binds it to each. */
function cookieName({ id }: PoolRecord): string {
  return `HWELB-${id}`
}

export function stickinessOf(at: HuaweiTranslation, pool: PoolRecord): Stickiness | undefined {
  const { session_persistence: persistence } = pool
  if (persistence === null) return undefined
  const name = cookieName(pool)
  const key = at.shared.cookieKeys.of(`${at.identity}/${pool.id}`)
  if (persistence.type === 'APP_COOKIE') {
    return { kind: 'app-cookie', key, name, cookie: persistence.cookie_name }
  }
  if (persistence.type !== 'HTTP_COOKIE') return undefined
  const lifetime = persistence.persistence_timeout * 60_000
  return { kind: 'lb-cookie', key, name, lifetime }
}
