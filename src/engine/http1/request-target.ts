import { isHostText } from './characters.ts'

/** The parts of a request target in absolute form (RFC 9112, section 3.2.2). */
export interface AbsoluteForm {
  /** `host:port` or `host`, which is never empty. */
  readonly authority: string
  /** The path and query; empty for none. */
  readonly path: string
}

/** Scheme, authority, and the rest. */
const form = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/([^/?#]+)(.*)$/s

/** null when the target is not in absolute form, or names no host that could be in a Host field (RFC 9110, sections 4.2.1 and 4.2.4). */
export function absoluteForm(target: string): AbsoluteForm | null {
  const [, authority = '', path = ''] = form.exec(target) ?? []
  return authority === '' || !isHostText(authority) ? null : { authority, path }
}

/** What a server is asked for that the authority names (RFC 9112, sections 3.2.1 and 3.2.4). */
export function originForm(method: string, { path }: AbsoluteForm): string {
  if (path === '') return method === 'OPTIONS' ? '*' : '/'
  return path.startsWith('/') ? path : `/${path}`
}

/**
 * Whether a request of that method may have that target: `OPTIONS *`, a path, or a whole URI (RFC 9112, section 3.2). CONNECT's
 * authority form is not served.
 */
export function isTargetOf(method: string, target: string): boolean {
  if (target.startsWith('/')) return true
  return target === '*' ? method === 'OPTIONS' : absoluteForm(target) !== null
}
