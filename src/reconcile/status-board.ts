import type {
  HealthState,
  ListenerCounters,
  ListenerFailure,
  TargetHealth,
} from '../snapshot/status.ts'

/** What the connected proxies say is true. Kept in memory: a proxy says everything again when it connects. */
export class StatusBoard {
  readonly #proxies = new Map<string, ProxyStatus>()
  #waiting: { readonly revision: number; readonly resolve: () => void }[] = []

  /** One connected proxy's page. A proxy that connects again under its old name starts an empty one. */
  open(proxy: string): ProxyStatus {
    const status = new ProxyStatus()
    this.#proxies.set(proxy, status)
    return status
  }

  /** Forgets the page, unless the proxy has opened another since. */
  close(proxy: string, status: ProxyStatus): void {
    if (this.#proxies.get(proxy) === status) this.#proxies.delete(proxy)
    this.#tellWaiting()
  }

  /** A proxy serves that revision, but for the failures. */
  applied(status: ProxyStatus, revision: number, failures: readonly ListenerFailure[]): void {
    status.applied = revision
    status.failures = failures
    this.#tellWaiting()
  }

  get connected(): number {
    return this.#proxies.size
  }

  /** The newest report on a check; a proxy that sees the target healthy wins over one that does not. */
  health(check: string): TargetHealth | undefined {
    let found: TargetHealth | undefined
    for (const status of this.#proxies.values()) {
      const health = status.health.get(check)
      if (health?.state === 'healthy') return health
      found ??= health
    }
    return found
  }

  /** Of all checks of which any connected proxy has a result: as {@link health}. */
  healthStates(): Map<string, HealthState> {
    const states = new Map<string, HealthState>()
    for (const status of this.#proxies.values()) {
      for (const { check, state, last } of status.health.values()) {
        if (last === null) continue
        if (state === 'healthy' || !states.has(check)) states.set(check, state)
      }
    }
    return states
  }

  /** Whether every connected proxy, and at least one, has said that nothing is in flight any more with a draining target. */
  finished(target: string): boolean {
    const all = [...this.#proxies.values()]
    return all.length > 0 && all.every((status) => status.finished.has(target))
  }

  counters(): ListenerCounters[] {
    return [...this.#proxies.values()].flatMap((status) => status.counters)
  }

  /** Of each proxy by itself: its totals only grow. */
  countersByProxy(): Map<string, readonly ListenerCounters[]> {
    return new Map([...this.#proxies].map(([proxy, { counters }]) => [proxy, counters]))
  }

  /** Access log entries that proxies have lost. */
  lostLogEntries(): number {
    return [...this.#proxies.values()].reduce((sum, status) => sum + status.lostLogEntries, 0)
  }

  /** Minutes of figures that proxies have given up. */
  lostFigures(): number {
    return [...this.#proxies.values()].reduce((sum, status) => sum + status.lostFigures, 0)
  }

  failures(): ListenerFailure[] {
    return [...this.#proxies.values()].flatMap((status) => status.failures)
  }

  /** Whether every connected proxy, and at least one, serves that revision or a newer one. */
  serves(revision: number): boolean {
    const all = [...this.#proxies.values()]
    return all.length > 0 && all.every((status) => status.applied >= revision)
  }

  /** Resolves when {@link serves} is true of that revision. */
  async served(revision: number): Promise<void> {
    if (this.serves(revision)) return
    await new Promise<void>((resolve) => this.#waiting.push({ revision, resolve }))
  }

  #tellWaiting(): void {
    for (const { revision, resolve } of this.#waiting) if (this.serves(revision)) resolve()
    this.#waiting = this.#waiting.filter(({ revision }) => !this.serves(revision))
  }
}

export class ProxyStatus {
  readonly health = new Map<string, TargetHealth>()
  /** Draining targets that have nothing in flight any more. */
  finished: ReadonlySet<string> = new Set()
  counters: readonly ListenerCounters[] = []
  lostLogEntries = 0
  lostFigures = 0
  failures: readonly ListenerFailure[] = []
  /** Revision of the snapshot in force. */
  applied = -1
}
