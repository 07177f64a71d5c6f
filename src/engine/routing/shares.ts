import type { Route } from './route.ts'
import type { RoutedRequest } from './routed-request.ts'

export interface Share {
  readonly route: Route
  /** 0: nothing, unless all have 0. */
  readonly weight: number
}

/** Shares requests out by weight, in smooth turns; a client that is bound to a target goes to its pool. */
export function sharedOut(shares: readonly Share[]): (request: RoutedRequest) => Route {
  const [first, ...others] = shares.filter(({ weight }) => weight > 0)
  const some = first ?? shares[0]
  if (some === undefined) throw new Error('a rule names no pool')
  if (others.length === 0) return () => some.route
  const turns = new Turns([some, ...others])
  const sticky = shares.map(({ route }) => route).filter(({ stickiness }) => stickiness !== null)
  return ({ head }) => sticky.find((route) => isBound(route, head)) ?? turns.next()
}

function isBound({ stickiness }: Route, head: string): boolean {
  return stickiness?.session(head).bound !== undefined
}

/** As `WeightedTurns` has it for targets. */
class Turns {
  readonly #entries: { readonly share: Share; credit: number }[]
  readonly #sum: number

  constructor(shares: readonly Share[]) {
    this.#entries = shares.map((share) => ({ share, credit: 0 }))
    this.#sum = shares.reduce((sum, { weight }) => sum + weight, 0)
  }

  next(): Route {
    let richest = this.#entries[0] as { readonly share: Share; credit: number }
    for (const entry of this.#entries) {
      entry.credit += entry.share.weight
      if (entry.credit > richest.credit) richest = entry
    }
    richest.credit -= this.#sum
    return richest.share.route
  }
}
