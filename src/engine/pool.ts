/** A pool of the snapshot, with what outlives snapshots: the traffic of its members, and whose turn it is. */
import { isDeepStrictEqual } from 'node:util'
import type { Pool as PoolSpec, Target as TargetSpec, TargetTls } from '../snapshot/snapshot.ts'
import { usualConnectTimeout } from './attempts.ts'
import { selectorFor } from './balance/balancing.ts'
import { Rotation, type Selector } from './balance/selector.ts'
import { SlowStart } from './balance/slow-start.ts'
import { Member, type Standing } from './member.ts'
import type { Candidate } from './stickiness/tokens.ts'
import { type Room, SurgeQueue } from './surge-queue.ts'
import type { Target } from './target.ts'

/** What a pool asks to find out where its members stand. */
export interface Surroundings {
  /** Milliseconds since the epoch. */
  readonly now: number
  /** How many engines serve the same nodes together. */
  readonly engines: number
  healthy(check: string | null): boolean
  target(pool: PoolSpec, host: string, port: number): Target
}

const unbounded = Number.POSITIVE_INFINITY

export class Pool {
  spec: PoolSpec
  readonly #members = new Map<string, Member>()
  /** By zone: the nodes of a zone take turns of their own. */
  readonly #rotations = new Map<string, Rotation>()
  readonly #queues = new Map<string, SurgeQueue>()
  readonly #room: (zone: string) => Room
  readonly #now: () => number
  readonly #left: () => void
  /** How its members' targets are spoken to. */
  #tls: TargetTls | undefined
  #serving = false

  /**
   * @param room a node's room for those who wait, by zone
   * @param now monotonic milliseconds
   * @param left called when a draining target has nothing in flight any more
   */
  constructor(spec: PoolSpec, room: (zone: string) => Room, now: () => number, left: () => void) {
    this.spec = spec
    this.#tls = spec.tls
    this.#now = now
    this.#left = left
    this.#room = room
  }

  members(): Iterable<Member> {
    return this.#members.values()
  }

  /** Of the members that the nodes of a zone may use now. */
  selector(zone: string): Selector<Member> {
    const { sourceAffinity, slowStart } = this.spec
    const algorithm = sourceAffinity === undefined ? this.spec.algorithm : 'source-ip'
    const available = this.available(zone)
    const selector = selectorFor(algorithm, available, this.#rotation(zone))
    if (slowStart === 0) return selector
    const warming = available.map((target) => ({ target, ramp: target.ramp }))
    const weight = available.reduce((sum, member) => sum + member.weight, 0)
    return new SlowStart(selector, warming, weight, slowStart, this.#now)
  }

  /** The members that the nodes of a zone may use now. */
  available(zone: string): Member[] {
    const { targets, crossZone } = this.spec
    const specs = targets.filter((spec) => crossZone || spec.zone === zone)
    const members = new Set(specs.flatMap((spec) => this.#members.get(placeOf(spec)) ?? []))
    return [...members].filter(({ standing }) => standing === 'available')
  }

  /** The targets that the nodes of a zone may use now, with how many connections one of so many engines keeps waiting there. */
  spares(zone: string, engines: number): [Target, number][] {
    const { protocol, spareConnections = 0 } = this.spec
    if (protocol !== 'http' || spareConnections === 0) return []
    const share = shareOf(spareConnections, engines)
    return this.available(zone).map(({ target }) => [target, share])
  }

  /** The members that take traffic now, in whichever zone, with the ids of their targets. */
  candidates(): Candidate<Member>[] {
    return this.spec.targets.flatMap((spec) => {
      const member = this.#members.get(placeOf(spec))
      return member?.standing === 'available' ? [{ id: spec.id, target: member }] : []
    })
  }

  /** Where the clients of the nodes of a zone wait. */
  queue(zone: string): SurgeQueue {
    const queue = this.#queues.get(zone) ?? new SurgeQueue(this.#room(zone), this.#freed)
    this.#queues.set(zone, queue)
    return queue
  }

  /** Lets those go on who need wait no longer. */
  serve(): void {
    const [first] = this.#queues
    if (first === undefined) return
    for (const queue of this.#queues.values()) queue.serve()
    // Each zone is first in its turn, or one would get every place.
    this.#queues.delete(first[0])
    this.#queues.set(...first)
  }

  /** Finds where each member stands now. */
  refresh(surroundings: Surroundings): void {
    const standings = standingsOf(this.spec, surroundings)
    for (const { host, port } of this.spec.targets) {
      const place = placeOf({ host, port })
      if (standings.get(place) !== 'available' || this.#members.has(place)) continue
      this.#members.set(place, new Member(place, surroundings.target(this.spec, host, port)))
    }
    this.#speak(surroundings)
    this.#settle(surroundings)
    for (const [place, member] of this.#members) {
      member.stand(standings.get(place) ?? 'closing', this.#now())
      if (!standings.has(place) && member.outstanding === 0) this.#members.delete(place)
    }
    this.#awaitLeaving()
  }

  /** Gives each member what the pool has settled for all. */
  #settle(surroundings: Surroundings): void {
    const { connectTimeout = usualConnectTimeout } = this.spec
    const bound = boundOf(this.spec, surroundings)
    const weights = weightsOf(this.spec)
    for (const [place, member] of this.#members) {
      member.bound = bound
      member.weight = weights.get(place) ?? 1
      member.connectTimeout = connectTimeout
      member.freed = bound === unbounded ? null : this.#freed
    }
  }

  /** What is in flight goes on as it began; what comes next goes by what the pool says now. */
  #speak(surroundings: Surroundings): void {
    const { tls } = this.spec
    if (isDeepStrictEqual(tls, this.#tls)) return
    this.#tls = tls
    for (const member of this.#members.values()) {
      const { host, port } = member.target
      member.target = surroundings.target(this.spec, host, port)
    }
  }

  /** The draining targets with an end, and how much each has in flight. */
  ending(): { readonly id: string; readonly outstanding: number }[] {
    return this.spec.draining.flatMap((target) => {
      if (target.until === null) return []
      return [{ id: target.id, outstanding: this.#members.get(placeOf(target))?.outstanding ?? 0 }]
    })
  }

  /** The pool is no longer in the snapshot. */
  abandon(): void {
    for (const member of this.#members.values()) member.standing = 'abandoned'
  }

  /** When the next of its targets has drained long enough, in milliseconds since the epoch; Infinity without any. */
  nextEnd(now: number): number {
    const ends = this.spec.draining.map(({ until }) => until ?? Number.POSITIVE_INFINITY)
    return Math.min(...ends.filter((end) => end > now))
  }

  /** A place became free. What freed it is done first: it may have a connection to leave in the target's pool. */
  readonly #freed = (): void => {
    if (this.#serving || !this.#queues.values().some((queue) => queue.length > 0)) return
    this.#serving = true
    queueMicrotask(() => {
      this.#serving = false
      this.serve()
    })
  }

  /** Draining targets say when they have nothing in flight any more. */
  #awaitLeaving(): void {
    for (const target of this.spec.draining) {
      const member = this.#members.get(placeOf(target))
      if (member === undefined || member.outstanding === 0) continue
      const { freed } = member
      member.freed = () => {
        freed?.()
        if (member.outstanding === 0) this.#left()
      }
    }
  }

  #rotation(zone: string): Rotation {
    const rotation = this.#rotations.get(zone) ?? new Rotation()
    this.#rotations.set(zone, rotation)
    return rotation
  }
}

/** A member's share of the bound: engines that serve the same nodes have one each. */
function boundOf({ maxConnections }: PoolSpec, { engines }: Surroundings): number {
  return maxConnections === null ? unbounded : shareOf(maxConnections, engines)
}

/** One engine's share of what holds for a node. */
function shareOf(number: number, engines: number): number {
  return Math.max(1, Math.floor(number / engines))
}

/** By place. Where two instances are at one place, the better standing counts: the traffic cannot be told apart. */
function standingsOf(spec: PoolSpec, { now, healthy }: Surroundings): Map<string, Standing> {
  const standings = new Map<string, Standing>()
  const unhealthy: Standing = spec.finishUnhealthy ? 'finishing' : 'closing'
  for (const target of spec.targets) {
    standings.set(placeOf(target), healthy(target.check) ? 'finishing' : unhealthy)
  }
  for (const target of spec.draining) {
    if (target.until === null || target.until > now) standings.set(placeOf(target), 'finishing')
  }
  for (const target of spec.targets) {
    const available = healthy(target.check) && takesTraffic(target, spec)
    if (available) standings.set(placeOf(target), 'available')
  }
  return standings
}

/** Where the client's address alone decides, weights say nothing. */
function takesTraffic({ weight = 1 }: TargetSpec, { algorithm }: PoolSpec): boolean {
  return weight > 0 || algorithm === 'source-ip'
}

/** By place, as standings are: of two targets at one place, the greater share. */
function weightsOf({ targets, algorithm }: PoolSpec): Map<string, number> {
  const weights = new Map<string, number>()
  if (algorithm === 'source-ip') return weights
  for (const target of targets) {
    const place = placeOf(target)
    weights.set(place, Math.max(weights.get(place) ?? 0, target.weight ?? 1))
  }
  return weights
}

function placeOf({ host, port }: { readonly host: string; readonly port: number }): string {
  return `${host} ${port}`
}
