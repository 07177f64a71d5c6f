import { PerSnapshot } from '../per-snapshot.ts'
import { AddressSet } from './address-set.ts'

/** Lists that are equal have one set, whoever has them. */
export class AddressSets extends PerSnapshot<AddressSet> {
  of(addresses: readonly string[]): AddressSet {
    return this.find(addresses.join(' '), () => new AddressSet(addresses))
  }
}
