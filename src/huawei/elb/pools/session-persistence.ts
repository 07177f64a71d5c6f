/** How a pool keeps a client with one member (Huawei's CreatePool: SessionPersistence). */
import { invalidInput } from '../../wire/errors.ts'
import { isHttp } from '../protocols.ts'
import type { PoolRecord } from '../records.ts'
import type { PoolFields, PoolUpdate } from './schema.ts'

type Sent = NonNullable<PoolUpdate['session_persistence']>

/** In minutes, by what carries the connection. */
const limits = {
  connection: { most: 60, usual: 1 },
  http: { most: 1440, usual: 1440 },
}

/** @throws HuaweiError ELB.8902 when the pool's protocol has not that type, or the cookie or the time does not fit */
export function sessionPersistenceOf(
  { protocol, session_persistence: existing }: PoolRecord,
  sent: Sent | null,
): PoolFields['session_persistence'] {
  if (sent === null) return null
  const type = sent.type ?? existing?.type
  if (type === undefined) throw invalidInput("Attribute 'session_persistence.type' is required")
  const http = isHttp(protocol)
  if (http === (type === 'SOURCE_IP')) {
    const those = http ? 'HTTP_COOKIE and APP_COOKIE' : 'SOURCE_IP'
    throw invalidInput(
      `Invalid input for 'session_persistence.type': ${type}. With protocol ${protocol} there is ${those}.`,
    )
  }
  const { most, usual } = http ? limits.http : limits.connection
  const persistence_timeout = sent.persistence_timeout ?? existing?.persistence_timeout ?? usual
  if (persistence_timeout > most) {
    throw invalidInput(
      `Invalid input for 'session_persistence.persistence_timeout': ${persistence_timeout}. With protocol ${protocol} it is 1 to ${most}.`,
    )
  }
  return { type, cookie_name: cookieName(type, sent, existing), persistence_timeout }
}

function cookieName(
  type: Sent['type'],
  sent: Sent,
  existing: PoolFields['session_persistence'],
): string {
  const name = sent.cookie_name ?? ((existing?.type === type && existing?.cookie_name) || '')
  if (type === 'APP_COOKIE' && name === '') {
    throw invalidInput("Attribute 'session_persistence.cookie_name' is required with APP_COOKIE")
  }
  if (type !== 'APP_COOKIE' && name !== '') {
    throw invalidInput("'session_persistence.cookie_name' is allowed with APP_COOKIE only")
  }
  return name
}
