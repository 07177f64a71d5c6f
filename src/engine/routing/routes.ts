import type { Stickiness } from '../../snapshot/stickiness.ts'
import type { Targets } from '../targets.ts'
import { Route } from './route.ts'

/** The routes of a snapshot: those that are alike are one, whichever listener has them. */
export class Routes {
  readonly #targets: Targets
  #routes = new Map<string, Route>()
  /** Of the snapshot before. */
  #before = this.#routes

  constructor(targets: Targets) {
    this.#targets = targets
  }

  /** Another snapshot comes: everything that it needs is asked for anew, and what was not by {@link Routes.end} is forgotten. */
  begin(): void {
    this.#before = this.#routes
    this.#routes = new Map()
  }

  end(): void {
    for (const [key, route] of this.#before) {
      // Requests that are under way may look once more.
      if (!this.#routes.has(key)) route.refresh(this.#targets)
    }
    this.#before = this.#routes
  }

  of(pool: string, zone: string, stickiness?: Stickiness): Route {
    const key = JSON.stringify([pool, zone, stickiness])
    const route =
      this.#routes.get(key) ??
      this.#before.get(key) ??
      new Route(pool, zone, stickiness, this.#targets)
    this.#routes.set(key, route)
    return route
  }

  refresh(): void {
    for (const route of this.#routes.values()) route.refresh(this.#targets)
  }
}
