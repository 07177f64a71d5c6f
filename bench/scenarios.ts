/** What is asked of the proxies. */

/**
 * `logged`: HTTP with a line of access log a request. `sticky`: as that, with cookies that keep a client at one target. `https`: HTTP/1.1
 * and HTTP/2 over TLS, plain to the back end. `restricted`: HTTP for clients of a list of addresses only. `reencrypted`: the same, with TLS to the back end too.
 */
export type HttpKind = 'http' | 'restricted' | 'logged' | 'sticky' | 'https' | 'reencrypted'
/** `ssl`: TLS from clients, and the bytes inside passed on plainly. */
export type ListenerKind = HttpKind | 'tcp' | 'ssl'

/** Of the URLs that it is asked by. */
export function schemeOf(kind: ListenerKind): 'http' | 'https' {
  return kind === 'https' || kind === 'reencrypted' || kind === 'ssl' ? 'https' : 'http'
}

interface ScenarioBase {
  /** For `--scenario`. */
  readonly name: string
  readonly title: string
  readonly listener: ListenerKind
}

/** What makes the load: requests of HTTP/1.1, requests of HTTP/2, or handshakes of TLS without a request. */
export type LoadProgram = 'wrk' | 'h2load' | 'handshakes'

/** CPU per request, or handshake, under load. */
export interface LoadScenario extends ScenarioBase {
  readonly measures: 'cpu'
  readonly program: LoadProgram
  readonly path: string
  readonly connections: number
  readonly headers: readonly string[]
  /** Of HTTP/2: at a time on each connection. */
  readonly streams?: number
  /** Of handshakes: each goes on with a session of an earlier one. */
  readonly resumed?: boolean
  /** Further connections that are open meanwhile, and had one request each. */
  readonly idle: number
  /** Weir neither counts nor reports what is asked: there is no such setting. The others do as ever. */
  readonly uncounted?: boolean
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
  program: 'wrk',
  name: 'keep-alive',
  title: 'HTTP keep-alive',
  listener: 'http',
  path: '/',
  connections: 64,
  headers: usualHeaders,
  idle: 0,
}

const memory: MemoryScenario = {
  measures: 'memory',
  name: 'memory',
  title: 'memory per idle connection',
  listener: 'http',
  base: 1000,
  connections: 5000,
}

const https: LoadScenario = {
  ...keepAlive,
  name: 'https',
  title: 'HTTPS keep-alive',
  listener: 'https',
}

const handshakes: LoadScenario = {
  ...https,
  program: 'handshakes',
  name: 'handshakes',
  title: 'TLS handshakes in full',
  connections: 16,
  resumed: false,
}

export const scenarios: readonly Scenario[] = [
  memory,
  {
    ...memory,
    name: 'https-memory',
    title: 'memory per idle TLS connection',
    listener: 'https',
    connections: 2000,
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
  {
    ...keepAlive,
    name: 'access-list',
    title: 'the same, clients of a list only',
    listener: 'restricted',
    headers: [...usualHeaders, 'Connection: close'],
  },
  { ...keepAlive, name: 'tcp', title: 'TCP', listener: 'tcp' },
  https,
  { ...https, name: 'https-large', title: 'HTTPS keep-alive, 64 KiB bodies', path: largePath },
  {
    ...https,
    name: 'reencrypted',
    title: 'HTTPS keep-alive, HTTPS back end',
    listener: 'reencrypted',
  },
  { ...https, name: 'ssl', title: 'SSL to TCP', listener: 'ssl' },
  {
    ...https,
    program: 'h2load',
    name: 'http2',
    title: 'HTTP/2 over TLS',
    connections: 8,
    streams: 16,
  },
  handshakes,
  { ...handshakes, name: 'resumed', title: 'TLS handshakes, resumed', resumed: true },
]

/** To compare others with; it needs a process of its own. */
export const uncounted: LoadScenario = {
  ...keepAlive,
  name: 'uncounted',
  title: 'HTTP keep-alive, not counted',
  uncounted: true,
}
