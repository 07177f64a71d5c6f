/** What nodes of load balancers have counted: what the metrics of every dialect are made of. */
import type { Samples } from '../std/distribution.ts'

/** Sums over a stretch of time, as {@link ListenerCounters} has them, of all listeners of the node. */
export type NodeCount =
  | 'routed'
  | 'target2xx'
  | 'target3xx'
  | 'target4xx'
  | 'target5xx'
  | 'engine4xx'
  | 'engine5xx'
  | 'nonCompliantRequests'
  | 'spillovers'
  /** Connections to targets that could not be made, for requests, for clients' connections and for health checks. */
  | 'targetConnectErrors'
  /** Connections that clients made, and that were made to targets. */
  | 'newConnections'
  /** Bytes from clients and to clients. */
  | 'bytes'

export interface NodeFigures {
  /** {@link Node.loadBalancer} */
  readonly loadBalancer: string
  readonly zone: string
  /** Those above zero. */
  readonly counts: Readonly<Partial<Record<NodeCount, number>>>
  /** How long targets took, in seconds; absent: no target was asked. */
  readonly latency?: Samples
  /** The most that waited in the surge queue at once, of each second in which any did. */
  readonly surgeQueue?: Samples
  /** At the end of the minute; absent: there is nothing to say, or who counted did not see the end. */
  readonly state?: NodeState
}

export interface NodeState {
  /** Connections of clients, and requests and connections that are with targets. */
  readonly openConnections: number
  /** Absent: the load balancer has no targets. */
  readonly targets?: {
    /** Those in the node's zone, */
    readonly inZone: TargetStates
    /** and those that the node sends traffic to when they are healthy: with cross-zone balancing, in all zones. */
    readonly inReach: TargetStates
  }
}

/** Targets that no check has told anything of yet are neither; those to which nothing can go ({@link Node.absentTargets}) are unhealthy. */
export interface TargetStates {
  readonly healthy: number
  readonly unhealthy: number
}

/** What a proxy's nodes have counted in a minute, or in the part of it for which the proxy ran. */
export interface FiguresBatch {
  /** Names a run of a proxy, and never another. */
  readonly source: string
  /** Grows from batch to batch of a source: who has it, counts it once however often it comes. */
  readonly sequence: number
  /** When the minute of counting began, in milliseconds since the epoch. */
  readonly minute: number
  /** Each once. */
  readonly nodes: readonly NodeFigures[]
}
