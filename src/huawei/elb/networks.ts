/** The networks that load balancers have their addresses in. They are those of the whole system: whoever manages them gives them here. */
import type { Transaction } from '../../store/transaction.ts'
import type { AddressRecord } from './records.ts'

export interface Networks {
  zones(): readonly string[]
  findSubnet(tx: Transaction, subnetId: string): Promise<Subnet | undefined>
  /** A subnet of the VPC in that zone. */
  findSubnetOf(tx: Transaction, vpcId: string, zone: string): Promise<Subnet | undefined>
  /** All, with what people call them. */
  namedSubnets(tx: Transaction): Promise<readonly NamedSubnet[]>
  /**
   * Takes an address of a subnet for a load balancer.
   * @throws HuaweiError when there is none left, or the wanted one is not of the subnet or in use
   */
  takeAddress(tx: Transaction, request: AddressRequest): Promise<AddressRecord>
  releaseAddress(tx: Transaction, interfaceId: string): Promise<void>
}

export interface Subnet {
  readonly id: string
  readonly vpcId: string
  readonly zone: string
  /** IPv4 and IPv6 ranges. */
  readonly ranges: readonly string[]
}

/** Names are empty for what has none. */
export interface NamedSubnet extends Subnet {
  readonly name: string
  readonly vpcName: string
}

export interface AddressRequest {
  readonly subnetId: string
  /** The one that is wanted; null: any. */
  readonly address: string | null
  /** Who it is for, in words. */
  readonly owner: string
  /** Milliseconds since the Unix epoch. */
  readonly now: number
}
