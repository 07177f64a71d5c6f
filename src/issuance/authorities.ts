/**
 * Who signs here: the ACME server, where one is set, or the local CA. Both load libraries that take a good part of a second and tens of
 * megabytes, so that they come when there is something to sign.
 */
import type { Clock } from '../std/clock.ts'
import type { SecretBox } from '../std/secret-box.ts'
import type { Store } from '../store/store.ts'
import type { AcmeIssuerOptions } from './acme-issuer.ts'
import type { Issuer } from './issuer.ts'
import type { LocalCa } from './local-ca.ts'
import { secretKeys } from './secrets.ts'

export type AcmeAuthority = Pick<AcmeIssuerOptions, 'server' | 'validationName' | 'shown'>

export interface AuthoritiesOptions {
  readonly store: Store
  readonly box: SecretBox
  readonly clock: Clock
  /** null: the local CA signs. */
  readonly acme: AcmeAuthority | null
}

export class Authorities {
  readonly #options: AuthoritiesOptions
  #issuer: Promise<Issuer> | undefined

  constructor(options: AuthoritiesOptions) {
    this.#options = options
  }

  issuer(): Promise<Issuer> {
    this.#issuer ??= this.#load()
    return this.#issuer
  }

  /** PEM of the local CA's roots; undefined where it signs nothing, and never did. */
  async localRoots(): Promise<string | undefined> {
    const { store, acme } = this.#options
    if (acme !== null && (await store.get(secretKeys.localCa)) === undefined) return undefined
    return (await this.#localCa()).roots()
  }

  async #load(): Promise<Issuer> {
    const { store, box, acme } = this.#options
    if (acme === null) return this.#localCa()
    const { AcmeIssuer } = await import('./acme-issuer.ts')
    return new AcmeIssuer({ ...acme, store, box })
  }

  async #localCa(): Promise<LocalCa> {
    const { store, box, clock } = this.#options
    const { LocalCa } = await import('./local-ca.ts')
    return new LocalCa(store, box, clock)
  }
}
