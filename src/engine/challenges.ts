import type { HttpChallenge } from '../snapshot/snapshot.ts'

const path = '/.well-known/acme-challenge/'

/** The proofs that authorities may ask for now (RFC 8555, section 8.3). One of an engine, for all its HTTP listeners. */
export class Challenges {
  readonly #proofs = new Map<string, string>()

  /** Nearly never: a certificate is about to be issued. */
  get pending(): boolean {
    return this.#proofs.size > 0
  }

  replace(challenges: readonly HttpChallenge[]): void {
    this.#proofs.clear()
    for (const { token, keyAuthorization } of challenges) this.#proofs.set(token, keyAuthorization)
  }

  /** @returns undefined for every other request, also one that asks for the proof of another: instances may have certificates issued too */
  proof(method: string, target: string): string | undefined {
    if (method !== 'GET' && method !== 'HEAD') return undefined
    return target.startsWith(path) ? this.#proofs.get(target.slice(path.length)) : undefined
  }
}
