import type { Loaded, Rotation, Selector } from './selector.ts'

/** Each target in turn. */
export class RoundRobin<T extends Loaded> implements Selector<T> {
  readonly #targets: readonly T[]
  readonly #rotation: Rotation

  constructor(targets: readonly T[], rotation: Rotation) {
    this.#targets = targets
    this.#rotation = rotation
  }

  pick(tried: readonly T[]): T | undefined {
    const count = this.#targets.length
    const first = this.#rotation.next
    let last: T | undefined
    for (let i = 0; i < count; i += 1) {
      const index = (first + i) % count
      const target = this.#targets[index]
      if (target === undefined || target.full || tried.includes(target)) continue
      if (target.behind) {
        last ??= target
        continue
      }
      this.#rotation.next = index + 1
      return target
    }
    return last
  }

  hasMore(tried: readonly T[]): boolean {
    return this.#targets.some((target) => !tried.includes(target))
  }
}
