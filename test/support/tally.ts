/** What clients and instances saw of requests and connections, to be held beside what a system has counted. */

/** One request: the status that the client got and that of the instance, 0 for none; of a TCP connection `-`. */
export interface Seen {
  readonly loadBalancer: string
  readonly status: number | '-'
  readonly targetStatus?: number | '-'
  /** An instance got it. */
  readonly routed: boolean
}

export class Tally {
  readonly #seen = new Map<string, { readonly what: Seen; times: number }>()

  add(what: Seen, times = 1): void {
    const key = JSON.stringify(what)
    const entry = this.#seen.get(key) ?? { what, times: 0 }
    this.#seen.set(key, entry)
    entry.times += times
  }

  /** How many there were of which that is true. */
  count(is: (what: Seen) => boolean = () => true): number {
    const chosen = [...this.#seen.values()].filter(({ what }) => is(what))
    return chosen.reduce((sum, { times }) => sum + times, 0)
  }

  /** Lines that access logs should have, by `LOAD-BALANCER ELB-STATUS/BACKEND-STATUS`. */
  get lines(): Record<string, number> {
    const lines: Record<string, number> = {}
    for (const { what, times } of this.#seen.values()) {
      const { loadBalancer, status, targetStatus = status === '-' ? '-' : 0 } = what
      const key = `${loadBalancer} ${status}/${targetStatus}`
      lines[key] = (lines[key] ?? 0) + times
    }
    return lines
  }

  /** The sums that metrics should have, by name; those of zero are not there (guide, p. 90–94). */
  metrics(loadBalancer: string): Record<string, number> {
    const own = (is: (what: Seen) => boolean) =>
      this.count((what) => what.loadBalancer === loadBalancer && is(what))
    const ofClass = (digit: number, status: Seen['status'] | undefined) =>
      typeof status === 'number' && Math.floor(status / 100) === digit
    const here = ({ targetStatus = 0 }: Seen) => targetStatus === 0
    const sums = {
      RequestCount: own(({ routed }) => routed),
      HTTPCode_Backend_2XX: own(({ targetStatus }) => ofClass(2, targetStatus)),
      HTTPCode_Backend_3XX: own(({ targetStatus }) => ofClass(3, targetStatus)),
      HTTPCode_Backend_4XX: own(({ targetStatus }) => ofClass(4, targetStatus)),
      HTTPCode_Backend_5XX: own(({ targetStatus }) => ofClass(5, targetStatus)),
      HTTPCode_ELB_4XX: own((what) => here(what) && ofClass(4, what.status)),
      HTTPCode_ELB_5XX: own((what) => here(what) && ofClass(5, what.status)),
    }
    return Object.fromEntries(Object.entries(sums).filter(([, sum]) => sum > 0))
  }
}
