/** Where policies send clients: Octavia has a URL, or the beginning of one, the ELB API its parts. */
import { z } from 'zod'
import { placeholder } from '../elb/l7-policies/placeholders.ts'
import type { L7PolicyFields } from '../elb/l7-policies/schema.ts'

type Parts = NonNullable<L7PolicyFields['redirect_url_config']>

const form = /^(https?):\/\/([A-Za-z0-9.-]{1,128})(?::([1-9]\d{0,4}))?(\/[!-~]*?)?(?:\?([!-~]*))?$/i

/** Of a name and an optional port, without a fragment, and without the ELB API's placeholders. */
export const redirectUrl = z
  .string()
  .max(255)
  .refine(
    (url) => Number(form.exec(url)?.[3] ?? 1) <= 65_535 && form.test(url) && !/#|\$\{/.test(url),
    'It is a URL of http or https, without a fragment',
  )

/** Without a query, which is the request's. */
export const redirectPrefix = redirectUrl.refine((url) => !url.includes('?'), 'It has no query')

const usualPorts: Readonly<Record<string, string>> = { HTTP: '80', HTTPS: '443' }

/** @param status 301, 302, 303, 307 or 308 */
export function partsOfUrl(url: string, status: number): Parts {
  const [, scheme = '', host = '', port, path = '', query = ''] = form.exec(url) ?? []
  const protocol = scheme.toUpperCase() as Parts['protocol']
  const status_code = String(status) as Parts['status_code']
  return { protocol, host, port: port ?? usualPorts[protocol] ?? '', path, query, status_code }
}

/** The request's path and query follow. */
export function partsOfPrefix(prefix: string, status: number): Parts {
  const parts = partsOfUrl(prefix, status)
  return { ...parts, path: parts.path + placeholder('path'), query: placeholder('query') }
}

export function isPrefix({ path, query }: Parts): boolean {
  return path.endsWith(placeholder('path')) && query === placeholder('query')
}

/** The URL, or of a {@link isPrefix prefix} its beginning. */
export function urlOf(parts: Parts): string {
  const { protocol, host, port } = parts
  const at = port === usualPorts[protocol] ? '' : `:${port}`
  const path = isPrefix(parts) ? parts.path.slice(0, -placeholder('path').length) : parts.path
  const query = isPrefix(parts) || parts.query === '' ? '' : `?${parts.query}`
  return `${protocol === 'HTTP' || protocol === 'HTTPS' ? protocol.toLowerCase() : protocol}://${host}${at}${path}${query}`
}
