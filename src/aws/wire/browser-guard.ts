/**
 * Where no signature is asked for, any page that is open in a browser on this machine could send requests here: by a form, an image,
 * or a name that it points at the loopback address (DNS rebinding). Browsers say where a request comes from, and its Host is the
 * name that the page used.
 */
const loopbackHost = /^(localhost|.+\.localhost|127(\.\d{1,3}){3}|\[::1\])$/

/**
 * @param ownNames host names, besides those of the loopback address, under which this server is reached.
 * @returns why the request is refused, or null when it does not come from another site's page.
 */
export function foreignPage(
  headers: Readonly<Record<string, string>>,
  ownNames: readonly string[],
): string | null {
  if (headers.origin !== undefined) return 'it comes from a web page (Origin)'
  const site = headers['sec-fetch-site']
  if (site !== undefined && site !== 'none') return 'it comes from a web page (Sec-Fetch-Site)'
  const host = (headers.host ?? '').toLowerCase().replace(/:\d+$/, '')
  if (loopbackHost.test(host) || ownNames.includes(host)) return null
  return 'its Host is no name of this server'
}
