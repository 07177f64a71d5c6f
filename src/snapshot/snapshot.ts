import type { Forwarding } from './forwarding.ts'
import type { RoutingRule } from './routing.ts'
import type { Stickiness } from './stickiness.ts'

/**
 * The neutral model: everything that a proxy has to do, and nothing of the dialect that asked for it.
 *
 * A snapshot is immutable and whole. It is replaced, never changed; what must outlive a replacement (health, connection
 * pools, outstanding counts) is keyed by the `id`s in here and owned elsewhere. Ids are stable for the life of the resource
 * they name and never used again: a load balancer that is deleted and made anew under its old name has new ids.
 * All times are milliseconds. All addresses are IP literals, IPv6 without brackets.
 */
export interface Snapshot {
  /** The store revision that this was translated from: a greater one is newer. */
  readonly revision: number
  /** Another one after a reset: what a proxy has counted and logged for one system is not for another. */
  readonly system: string
  readonly nodes: readonly Node[]
  readonly pools: readonly Pool[]
  readonly checks: readonly HealthCheck[]
  /** Those that {@link ListenerTls} names, each once. */
  readonly certificates: readonly Certificate[]
  /** Answers for authorities that are about to issue a certificate. Every HTTP listener gives them; nearly always there are none. */
  readonly challenges: readonly HttpChallenge[]
}

/** Shows an ACME server that a name leads here (RFC 8555, section 8.3). */
export interface HttpChallenge {
  /** The last part of the path that is asked for; nobody can guess it, and it is for one name only. */
  readonly token: string
  /** The body of the answer. */
  readonly keyAuthorization: string
}

/** A server's certificate with its private key. */
export interface Certificate {
  /** Never used again for other content: a chain or key that is replaced makes another certificate. */
  readonly id: string
  /** What targets are told of it. Absent: its id. */
  readonly name?: string
  /** The server names that it is chosen by, in lower case. Absent: those that it is for. */
  readonly names?: readonly string[]
  /** PEM, the server's own certificate first. */
  readonly chain: string
  /** PEM, not encrypted. Secret. */
  readonly key: string
}

/** Whether a value from outside has the shape of a snapshot; what its lists hold is its writer's word. */
export function isSnapshot(value: unknown): value is Snapshot {
  if (typeof value !== 'object' || value === null) return false
  const { revision, system, ...lists } = value as Partial<Snapshot>
  const { nodes, pools, checks, certificates, challenges } = lists
  const all = [nodes, pools, checks, certificates, challenges]
  return typeof revision === 'number' && typeof system === 'string' && all.every(Array.isArray)
}

/** A load balancer's presence in one zone: the addresses that clients connect to. */
export interface Node {
  readonly id: string
  /** Identity of the load balancer, for counters and logs. */
  readonly loadBalancer: string
  readonly zone: string
  readonly addresses: readonly string[]
  readonly listeners: readonly Listener[]
  /** How many of the zone are registered and in no pool, because nothing can go there (a stopped instance); absent: none. */
  readonly absentTargets?: number
  /** Absent: nothing is logged. */
  readonly accessLog?: AccessLog
}

/** Entries of all requests and TCP connections, in files that are delivered to a bucket (guide, p. 97–101). */
export interface AccessLog {
  /** As entries and files name it. */
  readonly loadBalancerName: string
  /** Twelve digits. */
  readonly account: string
  readonly region: string
  readonly bucket: string
  /** Of the keys, without a slash at its end; empty for none. */
  readonly prefix: string
  /** From one file to the next, by the clock in UTC: a divisor of a day. */
  readonly interval: number
  /** Absent: the fields of AWS's guide. */
  readonly format?: 'json' | HuaweiLogFormat
}

/** Huawei Cloud's entries, of HTTP listeners only. Identities of listeners and pools are their ids behind the load balancer's identity and a slash. */
export interface HuaweiLogFormat {
  /** Id of the log stream. */
  readonly stream: string
  /** Id of the project. */
  readonly tenant: string
  /** The load balancer's address from outside; null: it has none. */
  readonly eip: string | null
  /** {@link Pool.id} of those that stand for having none. */
  readonly withoutPool: readonly string[]
}

export type Listener = TcpListener | HttpListener

interface ListenerBase {
  /** Stable through changes that keep the port and the protocol. */
  readonly id: string
  /** 1–65535. */
  readonly port: number
  /** {@link Pool.id} of the pool that takes the traffic. */
  readonly pool: string
  /** How long a connection may be silent in both directions. */
  readonly idleTimeout: number
  /** Clients speak TLS: with it, `tcp` is what the guides call SSL, and `http` HTTPS. */
  readonly tls?: ListenerTls
  /** Absent: everybody may connect. */
  readonly access?: AccessList
}

/** Whose connections are taken, told by the client's address before anything else is. Takes effect on new connections. */
export interface AccessList {
  /** `allow`: nobody but those listed; `deny`: everybody but those listed. */
  readonly kind: 'allow' | 'deny'
  /** IP literals and CIDR blocks, IPv4 and IPv6. */
  readonly addresses: readonly string[]
}

export interface ListenerTls {
  /** {@link Certificate.id} of the one for clients that name no server, or none that another is for. */
  readonly certificate: string
  /** {@link Certificate.id} of those that are chosen by the server name that the client asks for (RFC 6066, section 3). */
  readonly sni: readonly string[]
  /**
   * What `*.example.com` is for: `wildcard`: names with one label in place of the asterisk; `longest-suffix`: with any number; the
   * certificate with the longest match is taken.
   */
  readonly sniMatch: 'wildcard' | 'longest-suffix'
  readonly policy: TlsPolicy
  /** PEM of the authorities that a client's certificate has to come from; null: clients show none. */
  readonly clientCa: string | null
}

export type TlsProtocol = 'SSLv3' | 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3'

/** What a handshake may agree on. What this OpenSSL does not know is passed over. */
export interface TlsPolicy {
  readonly protocols: readonly TlsProtocol[]
  /** OpenSSL's names, the most wanted first; those of TLS 1.3 too. */
  readonly ciphers: readonly string[]
  /** The server's order decides, not the client's. */
  readonly serverOrder: boolean
}

export interface TcpListener extends ListenerBase {
  readonly protocol: 'tcp'
}

export interface HttpListener extends ListenerBase {
  readonly protocol: 'http'
  readonly desync: DesyncMode
  /** Beside the idle timeout; absent: that alone applies, to everything. */
  readonly timeouts?: HttpTimeouts
  /** Absent: each request goes where the pool's algorithm sends it. */
  readonly stickiness?: Stickiness
  /** Offer HTTP/2 to clients that speak TLS (ALPN, RFC 7301). */
  readonly http2?: boolean
  /** Absent: X-Forwarded-For, X-Forwarded-Proto and X-Forwarded-Port (guide, p. 36–38). */
  readonly forwarding?: Forwarding
  /** Absent: `lost`. */
  readonly retries?: Retries
  /** Absent: those of Classic Load Balancers (guide, p. 112–114). */
  readonly errors?: ErrorAnswers
  /** What applies to a request before anything else that is said here of pools. */
  readonly rules?: readonly RoutingRule[]
}

/** With them, the idle timeout is for tunnels alone. */
export interface HttpTimeouts {
  /** From the first byte of a request to its last: then 408. */
  readonly request: number
  /** From the last byte of a request being sent to a target to the head of the answer, and from one piece of the answer to the next: then 504. */
  readonly response: number
  /** How long a connection may wait for its next request: then it is closed. 0: it is closed after one. */
  readonly keepAlive: number
}

/**
 * When a request goes to another target. `none`: never; `lost`: when the target cannot be connected to, or closes its connection without an
 * answer; `silent`: also when it does not answer in {@link HttpTimeouts.response}, unless the listener is sticky. What a target may have
 * begun to do is never asked for again, unless it may be done twice (RFC 9110, section 9.2.2).
 */
export type Retries = 'none' | 'lost' | 'silent'

/** How the load balancer answers in a target's place. */
export interface ErrorAnswers {
  /** No target can be connected to: all refuse. */
  readonly refused: 502 | 503
  /** The target closes its connection without an answer. */
  readonly lost: 502 | 504
  /** The fields of a request are over the limit. */
  readonly headersTooLarge: 400 | 431
  /** A request has a transfer coding other than `chunked`. */
  readonly unknownCoding: 400 | 501
  /** Say in the field `x-router-code` why no target can serve. */
  readonly routerCode: boolean
}

/**
 * Which requests are passed on that are not beyond doubt compliant with HTTP (guide, "Desync mitigation mode", p. 82–84): `monitor`: all;
 * `defensive`: all but severe threats; `strictest`: none.
 */
export type DesyncMode = 'monitor' | 'defensive' | 'strictest'

/** The order in which a pool's available targets are taken. */
export type Algorithm =
  | 'round-robin'
  /** Fewest requests or connections, for its weight. */
  | 'least-outstanding'
  /** The client's address decides, whatever the weights; when targets come or go, as few clients as can be get another one. */
  | 'source-ip'

export interface Pool {
  readonly id: string
  readonly loadBalancer: string
  /** What is spoken to the targets. */
  readonly protocol: 'tcp' | 'http'
  /** Connections to the targets are encrypted. */
  readonly tls?: TargetTls
  readonly algorithm: Algorithm
  /** false: a node uses only the targets of its own zone. */
  readonly crossZone: boolean
  /** Tell targets of each new connection who made it, by a line of proxy protocol v1 ahead of its bytes. Of tcp pools only. */
  readonly proxyProtocol: boolean
  readonly targets: readonly Target[]
  /** Targets that take no new traffic and may finish what they have. What is with a target of neither list is closed. */
  readonly draining: readonly DrainingTarget[]
  /** Traffic with a target that becomes unhealthy goes on, however long; false: it is closed at once. */
  readonly finishUnhealthy: boolean
  /**
   * Requests (HTTP) or connections (TCP) that a proxy has with one target at once; the next ones wait in the surge queue. null: no bound.
   */
  readonly maxConnections: number | null
  /**
   * Connections that a proxy keeps waiting at each target that traffic may go to, ahead of requests. Of http pools only; absent: none.
   */
  readonly spareConnections?: number
  /** How long the share of a target grows that comes into service; 0: it has all of it at once. */
  readonly slowStart: number
  /** How long a connection to a target may take to stand. Absent: 10 s. */
  readonly connectTimeout?: number
  /**
   * Of tcp pools: for how long a client's address has to stay with the target of its last connection. It does for as long as the targets stay; when one
   * comes or its weight changes, as few clients as can be get another one at once. Absent: not at all.
   */
  readonly sourceAffinity?: number
}

/** TLS to a target: no server name is sent, and no certificate of an authority is asked for. */
export interface TargetTls {
  /** The target has to show one of these public keys: base64 of DER (RFC 5280, SubjectPublicKeyInfo). null: any will do. */
  readonly publicKeys: readonly string[] | null
}

export interface Target {
  /** Identity of the instance or member; the same in every pool that it belongs to. */
  readonly id: string
  readonly host: string
  readonly port: number
  readonly zone: string
  /** {@link HealthCheck.id} that decides whether traffic goes here; null: always healthy. */
  readonly check: string | null
  /** Its share beside the others' of the pool, 0–100. 0: no new traffic, what is in flight goes on. Absent: 1. */
  readonly weight?: number
}

export interface DrainingTarget {
  /** Of those with an end: never used again, so that what is reported of it is about this draining. */
  readonly id: string
  readonly host: string
  readonly port: number
  /** When what is left is closed by force, in milliseconds since the epoch; null: never. */
  readonly until: number | null
}

export interface HealthCheck {
  readonly id: string
  readonly host: string
  readonly port: number
  readonly probe: Probe
  /** From the start of one check to the start of the next. */
  readonly interval: number
  /** A check that has no verdict by then has failed. */
  readonly timeout: number
  /** Consecutive successes that bring an unhealthy target back. */
  readonly healthyThreshold: number
  /** Consecutive failures that take a healthy target out. */
  readonly unhealthyThreshold: number
}

export type Probe =
  /** Passes when the connection stands; with `tls`, when the handshake is over. */
  { readonly protocol: 'tcp'; readonly tls?: TargetTls } | HttpProbe

/** Passes when the request is answered in whole, with a status that is expected. */
export interface HttpProbe {
  readonly protocol: 'http'
  readonly path: string
  /** Absent: GET. */
  readonly method?: string
  /** The Host that is asked for. Absent: the target's address and port. */
  readonly host?: string
  /** Ranges of status codes, first and last. Absent: 200. */
  readonly expected?: readonly (readonly [number, number])[]
  readonly tls?: TargetTls
}
