import { fieldValues } from './cookies.ts'
import type { HeadText } from './session.ts'

/** The cookie that binds a client (guide, p. 78), unless the stickiness names another. */
export const usualCookie = 'AWSELB'

/**
 * Field lines that set the cookies. Shared caches are told to keep those fields to themselves, unless the
 * response speaks to caches itself: all their clients would be bound to one target. AWS does so too.
 */
export function cookieFields(response: HeadText, cookies: readonly string[]): string {
  const silent = fieldValues(response.text, 'cache-control').length === 0
  const caches = silent ? 'Cache-Control: no-cache="set-cookie"\r\n' : ''
  const fields = cookies.map((cookie) => `Set-Cookie: ${cookie}\r\n`).join('')
  return `${caches}${fields}`
}
