/** What stands in a redirection's URL for a part of the request's: `${host}` and so on. */
export function placeholder<Part extends string>(part: Part): `\${${Part}}` {
  return `\${${part}}`
}
