/**
 * Addresses within a VPC. Whoever takes one writes the key of that address, which both of two concurrent takers have read:
 * the store lets one of them commit, and the other looks again.
 * As on AWS, the first four addresses and the last one of a subnet are never given out.
 */
import { randomBytes } from 'node:crypto'
import { ApiError } from '../wire/errors.ts'
import {
  type Cidr,
  containsAddress,
  formatAddress,
  parseAddress,
  sizeOf,
  storedCidr,
} from './cidr.ts'
import { type AddressRecord, ec2Keys, type SubnetRecord } from './records.ts'
import type { Place } from './resources.ts'

const reservedAtStart = 4n
const reservedAtEnd = 1n

export type UsedAddresses = ReadonlySet<string>

export async function usedAddresses(at: Place, vpcId: string): Promise<UsedAddresses> {
  const records = await at.tx.list<AddressRecord>(ec2Keys.addresses(at.region, vpcId))
  return new Set(records.map(({ address }) => address))
}

/** How many IPv4 addresses of the subnet can still be given out. */
export function countFree(subnet: SubnetRecord, used: UsedAddresses): number {
  const cidr = storedCidr(subnet.cidrBlock)
  const takenHere = [...used].filter((address) => isUsable(cidr, parseAddress(address, 32)))
  return Number(usableSize(cidr)) - takenHere.length
}

/**
 * Takes one particular address for an interface.
 * @throws ApiError InvalidIPAddress.InUse
 */
export async function claimAddress(at: Place, vpcId: string, claim: AddressRecord): Promise<void> {
  if (await isAddressInUse(at, vpcId, claim.address)) {
    throw new ApiError('InvalidIPAddress.InUse', `Address ${claim.address} is in use.`)
  }
  at.tx.put(ec2Keys.address(at.region, vpcId, claim.address), claim)
}

export function releaseAddress(at: Place, vpcId: string, address: string): void {
  at.tx.delete(ec2Keys.address(at.region, vpcId, address))
}

export async function isAddressInUse(at: Place, vpcId: string, address: string): Promise<boolean> {
  return (await at.tx.get(ec2Keys.address(at.region, vpcId, address))) !== undefined
}

/**
 * Up to `count` free addresses of a subnet's range (IPv4 or IPv6); fewer when there are no more.
 * The search starts at a random place and reads one key an address, so that takers at the same time rarely meet, and an address
 * that was just freed is rarely given to another at once: clients may still have it in their caches.
 */
export async function findFreeAddresses(
  range: string,
  count: number,
  isTaken: (address: string) => Promise<boolean>,
): Promise<string[]> {
  const cidr = storedCidr(range)
  const size = usableSize(cidr)
  const start = randomBelow(size)
  const free: string[] = []
  for (let step = 0n; step < size && free.length < count; step += 1n) {
    const offset = reservedAtStart + ((start + step) % size)
    const address = formatAddress(cidr.base + offset, cidr.bits)
    if (!(await isTaken(address))) free.push(address)
  }
  return free
}

function usableSize(cidr: Cidr): bigint {
  return sizeOf(cidr) - reservedAtStart - reservedAtEnd
}

/** Whether the IPv4 address is one of the subnet's that can be given out. */
export function isUsableAddress({ cidrBlock }: SubnetRecord, address: string): boolean {
  return isUsable(storedCidr(cidrBlock), parseAddress(address, 32))
}

function isUsable(cidr: Cidr, address: bigint | undefined): boolean {
  if (cidr.bits !== 32 || address === undefined || !containsAddress(cidr, address)) return false
  const offset = address - cidr.base
  return offset >= reservedAtStart && offset < sizeOf(cidr) - reservedAtEnd
}

function randomBelow(size: bigint): bigint {
  return BigInt(`0x${randomBytes(16).toString('hex')}`) % size
}
