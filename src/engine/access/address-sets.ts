import { AddressSet } from './address-set.ts'

/** Address sets of a snapshot: lists that are equal have one set, whoever has them. */
export class AddressSets {
  #sets = new Map<string, AddressSet>()
  /** Of the snapshot before. */
  #before: ReadonlyMap<string, AddressSet> = this.#sets

  /** Another snapshot comes: everything that it needs is asked for anew, and what was not by {@link AddressSets.end} is forgotten. */
  begin(): void {
    this.#before = this.#sets
    this.#sets = new Map()
  }

  end(): void {
    this.#before = this.#sets
  }

  of(addresses: readonly string[]): AddressSet {
    const key = addresses.join(' ')
    const set = this.#sets.get(key) ?? this.#before.get(key) ?? new AddressSet(addresses)
    this.#sets.set(key, set)
    return set
  }
}
