import type { Loaded, Selector } from './selector.ts'

/**
 * The client's address decides, by rendezvous hashing: each target has a score for it, and the highest one wins. A target that goes
 * moves its own clients only, one that comes takes its part of everyone's, and every thread and proxy chooses alike without
 * telling the others, also after a restart (decision 14).
 */
export class SourceIp<T extends Loaded> implements Selector<T> {
  readonly #targets: readonly T[]
  readonly #hashes: readonly number[]

  constructor(targets: readonly T[]) {
    this.#targets = targets
    this.#hashes = targets.map(({ place }) => hashOf(place))
  }

  pick(tried: readonly T[], client: string): T | undefined {
    const hash = hashOf(client)
    let best: T | undefined
    let bestScore = 0
    for (let i = 0; i < this.#targets.length; i += 1) {
      const target = this.#targets[i] as T
      if (target.full || tried.includes(target)) continue
      const score = scoreOf(mixed(hash ^ (this.#hashes[i] as number)), target.weight)
      const isBetter = best === undefined || isBefore(target, score, best, bestScore)
      if (!isBetter) continue
      best = target
      bestScore = score
    }
    return best
  }

  hasMore(tried: readonly T[]): boolean {
    return this.#targets.some((target) => !tried.includes(target))
  }
}

function isBefore(one: Loaded, score: number, other: Loaded, otherScore: number): boolean {
  return one.behind === other.behind ? score > otherScore : other.behind
}

/** So that each target wins as often as its weight says. @param bits 32, evenly spread */
function scoreOf(bits: number, weight: number): number {
  return -weight / Math.log((bits + 0.5) / 2 ** 32)
}

/** FNV-1a. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  }
  return mixed(hash)
}

/** MurmurHash3's last step: each bit has a say in all others. @returns 32 bits, not negative */
function mixed(bits: number): number {
  let hash = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
