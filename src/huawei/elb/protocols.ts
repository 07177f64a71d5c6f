/** Protocols of listeners, pools and health monitors, and which go together. */
import { conflict } from '../wire/errors.ts'
import type { ListenerProtocol, PoolRecord } from './records.ts'

/** Protocols of a pool that a listener may use. */
const poolProtocols: Readonly<Record<ListenerProtocol, readonly PoolRecord['protocol'][]>> = {
  HTTP: ['HTTP'],
  HTTPS: ['HTTP', 'HTTPS'],
  TCP: ['TCP'],
  TLS: ['TCP', 'TLS'],
}

/** @throws HuaweiError ELB.8907 */
export function checkPoolProtocol(protocol: ListenerProtocol, pool: PoolRecord): void {
  if (poolProtocols[protocol].includes(pool.protocol)) return
  throw conflict(
    `A listener with protocol ${protocol} cannot use pool ${pool.id} with protocol ${pool.protocol}`,
  )
}

export function isHttp(protocol: ListenerProtocol): boolean {
  return protocol === 'HTTP' || protocol === 'HTTPS'
}

export function isSecure(protocol: ListenerProtocol): boolean {
  return protocol === 'HTTPS' || protocol === 'TLS'
}
