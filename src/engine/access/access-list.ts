/** Whose connections a listener takes, told by the client's address. */
import type { AccessList as AccessListSpec } from '../../snapshot/snapshot.ts'
import type { AddressSet } from './address-set.ts'

export class AccessList {
  readonly #allows: boolean
  readonly #addresses: AddressSet

  constructor(kind: AccessListSpec['kind'], addresses: AddressSet) {
    this.#allows = kind === 'allow'
    this.#addresses = addresses
  }

  /** @param address an IP literal, IPv4 as such. Of a peer that is gone it is empty: such a one is not admitted. */
  admits(address: string): boolean {
    return address !== '' && this.#addresses.has(address) === this.#allows
  }
}
