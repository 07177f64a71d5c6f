import type { Stickiness } from '../../snapshot/stickiness.ts'
import { PerSnapshot } from '../per-snapshot.ts'
import type { Targets } from '../targets.ts'
import { Route } from './route.ts'

/** Routes that are alike are one, whichever listener has them. */
export class Routes extends PerSnapshot<Route> {
  readonly #targets: Targets

  constructor(targets: Targets) {
    super()
    this.#targets = targets
  }

  of(pool: string, zone: string, stickiness?: Stickiness): Route {
    const key = JSON.stringify([pool, zone, stickiness])
    return this.find(key, () => new Route(pool, zone, stickiness, this.#targets))
  }

  refresh(): void {
    for (const route of this.values()) route.refresh(this.#targets)
  }

  /** Requests that are under way may look once more. */
  protected override forgotten(route: Route): void {
    route.refresh(this.#targets)
  }
}
