/** What is asked of the proxies. */
export type ListenerKind = 'http' | 'tcp'

export interface Scenario {
  /** For `--scenario`. */
  readonly name: string
  readonly title: string
  readonly listener: ListenerKind
  readonly connections: number
  readonly headers: readonly string[]
}

/** What browsers send, roughly: a head of realistic length. */
const usualHeaders = [
  'Accept: */*',
  'User-Agent: Mozilla/5.0 (X11; Linux x86_64)',
  'Cookie: a=b; id=abcdef0123456789',
]

export const scenarios: readonly Scenario[] = [
  {
    name: 'keep-alive',
    title: 'HTTP keep-alive',
    listener: 'http',
    connections: 64,
    headers: usualHeaders,
  },
  {
    name: 'new-connections',
    title: 'HTTP, a new connection each',
    listener: 'http',
    connections: 64,
    headers: [...usualHeaders, 'Connection: close'],
  },
  {
    name: 'tcp',
    title: 'TCP',
    listener: 'tcp',
    connections: 64,
    headers: usualHeaders,
  },
]
