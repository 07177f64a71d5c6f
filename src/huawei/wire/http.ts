/** A request as it came: path, query and headers as they were sent, because the client may have signed them. */
export interface HuaweiRequest {
  readonly method: string
  /** Path and query. */
  readonly rawUrl: string
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
  /** IP address of the client. */
  readonly remoteAddress: string
}

export interface HuaweiResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** null: none. */
  readonly body: string | null
}

/** The path, without the query. */
export function pathOf({ rawUrl }: HuaweiRequest): string {
  const question = rawUrl.indexOf('?')
  return question < 0 ? rawUrl : rawUrl.slice(0, question)
}

/** Values by name, in the order in which they were sent. */
export type Query = ReadonlyMap<string, readonly string[]>

export function queryOf({ rawUrl }: HuaweiRequest): Query {
  const question = rawUrl.indexOf('?')
  const query = new Map<string, string[]>()
  if (question < 0) return query
  for (const [name, value] of new URLSearchParams(rawUrl.slice(question + 1))) {
    const others = query.get(name)
    if (others === undefined) query.set(name, [value])
    else others.push(value)
  }
  return query
}
