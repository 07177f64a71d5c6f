/** Cookies by which a proxy knows a client again. */

/** The usual headers with the cookie that a proxy gives a new client. @throws Error when it gives none, or gives another to who has one */
export async function withCookie(url: string, headers: readonly string[]): Promise<string[]> {
  const pairs = (await cookiesFor(url)).map((cookie) => cookie.split(';')[0])
  if (pairs.length === 0) throw new Error(`no cookie at ${url}`)
  const given = pairs.join('; ')
  const again = await cookiesFor(url, given)
  if (again.length > 0) throw new Error(`${url} does not know its cookie '${given}'`)
  return headers.map((header) => (header.startsWith('Cookie: ') ? `${header}; ${given}` : header))
}

async function cookiesFor(url: string, cookie = 'a=b'): Promise<string[]> {
  const response = await fetch(url, { headers: { cookie }, signal: AbortSignal.timeout(1000) })
  await response.arrayBuffer()
  return response.headers.getSetCookie()
}
