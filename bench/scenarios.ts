/** What is asked of the proxies. */

/** `logged`: HTTP with a line of access log a request. `sticky`: as that, with cookies that keep a client at one target. */
export type HttpKind = 'http' | 'logged' | 'sticky'
export type ListenerKind = HttpKind | 'tcp'

interface ScenarioBase {
  /** For `--scenario`. */
  readonly name: string
  readonly title: string
  readonly listener: ListenerKind
}

/** CPU per request under load. */
export interface LoadScenario extends ScenarioBase {
  readonly measures: 'cpu'
  readonly path: string
  readonly connections: number
  readonly headers: readonly string[]
  /** Further connections that are open meanwhile, and had one request each. */
  readonly idle: number
}

/** Memory of connections that wait for their next request. */
export interface MemoryScenario extends ScenarioBase {
  readonly measures: 'memory'
  /** Opened before anything counts: with these, what a process sets up once is there. */
  readonly base: number
  /** Opened then: what these add is divided by their number. */
  readonly connections: number
}

export type Scenario = LoadScenario | MemoryScenario

/** Where the back end has a body of 64 KiB. */
export const largePath = '/64k'

/** What browsers send, roughly: a head of realistic length. */
export const usualHeaders: readonly string[] = [
  'Accept: */*',
  'User-Agent: Mozilla/5.0 (X11; Linux x86_64)',
  'Cookie: a=b; id=abcdef0123456789',
]

const keepAlive: LoadScenario = {
  measures: 'cpu',
  name: 'keep-alive',
  title: 'HTTP keep-alive',
  listener: 'http',
  path: '/',
  connections: 64,
  headers: usualHeaders,
  idle: 0,
}

export const scenarios: readonly Scenario[] = [
  {
    measures: 'memory',
    name: 'memory',
    title: 'memory per idle connection',
    listener: 'http',
    base: 1000,
    connections: 5000,
  },
  keepAlive,
  { ...keepAlive, name: 'access-log', title: 'the same, with access log', listener: 'logged' },
  { ...keepAlive, name: 'sticky', title: 'the same, with stickiness too', listener: 'sticky' },
  { ...keepAlive, name: 'idle', title: 'the same, beside 1,000 idle', idle: 1000 },
  { ...keepAlive, name: 'large', title: 'HTTP keep-alive, 64 KiB bodies', path: largePath },
  {
    ...keepAlive,
    name: 'new-connections',
    title: 'HTTP, a new connection each',
    headers: [...usualHeaders, 'Connection: close'],
  },
  { ...keepAlive, name: 'tcp', title: 'TCP', listener: 'tcp' },
]
