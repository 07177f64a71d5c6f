/**
 * A region is a namespace that exists from its first use. It begins with what AWS gives every account in every region:
 * a default VPC with one public subnet a zone.
 */
import type { Store } from '../../store/store.ts'
import { atomically, type Transaction } from '../../store/transaction.ts'
import { ApiError } from '../wire/errors.ts'
import { newId } from './ids.ts'
import { ec2Keys, type RegionRecord, type SubnetRecord, type VpcRecord } from './records.ts'
import { kinds, type Place, save } from './resources.ts'
import { foundSubnet, foundVpc } from './vpc-foundation.ts'

/** e.g. `us-west-2`, `us-gov-east-1`. */
const regionName = /^[a-z]{2,4}(-[a-z]+)+-\d{1,2}$/

/** Linux accepts all of 127/8 with no set-up, so this works on every machine. */
const loopbackVpc = '127.16.0.0/16'

export function zonesOf(region: string): string[] {
  return ['a', 'b', 'c'].map((letter) => region + letter)
}

/** `usw2-az1` for the first zone of `us-west-2`. */
export function zoneId(region: string, zone: string): string {
  const [area = '', ...rest] = region.split('-')
  const number = rest.pop()
  const directions = rest.map((word) => compass[word] ?? word.slice(0, 3)).join('')
  return `${area}${directions}${number}-az${zonesOf(region).indexOf(zone) + 1}`
}

const compass: Readonly<Record<string, string>> = {
  north: 'n',
  south: 's',
  east: 'e',
  west: 'w',
  central: 'c',
  northeast: 'ne',
  northwest: 'nw',
  southeast: 'se',
  southwest: 'sw',
  gov: 'g',
}

/**
 * Says what the default VPC of the first region is; each further region takes the next /16. Regions that exist keep theirs.
 * @param cidrBlock an IPv4 /16, e.g. `127.16.0.0/16`.
 */
export async function rememberFirstDefaultVpc(store: Store, cidrBlock: string): Promise<void> {
  await atomically(store, async (tx) => tx.put(ec2Keys.firstDefaultVpc, cidrBlock))
}

/**
 * The region's record; at its first use also its default VPC, made in the caller's transaction.
 * @throws ApiError InvalidParameterValue when it is no region's name; RegionLimitExceeded when no /16 is left.
 */
export async function ensureRegion(tx: Transaction, region: string): Promise<RegionRecord> {
  const existing = await tx.get<RegionRecord>(ec2Keys.region(region))
  if (existing !== undefined) return existing
  if (!regionName.test(region)) {
    throw new ApiError('InvalidParameterValue', `'${region}' is not the name of a region`)
  }
  const regions = (await tx.get<string[]>(ec2Keys.regions)) ?? []
  const first = (await tx.get<string>(ec2Keys.firstDefaultVpc)) ?? loopbackVpc
  tx.put(ec2Keys.regions, [...regions, region])
  const vpc = defaultVpc(first, regions.length)
  const record: RegionRecord = { region, defaultVpcId: vpc.vpcId }
  tx.put(ec2Keys.region(region), record)
  await furnish({ tx, region }, vpc)
  return record
}

function defaultVpc(first: string, index: number): VpcRecord {
  const [firstByte, secondByte] = first.split('.').map(Number)
  const next = (secondByte ?? 0) + index
  if (next > 255) {
    throw new ApiError('RegionLimitExceeded', `${index} regions are in use: no range is left`)
  }
  return {
    vpcId: newId('vpc'),
    cidrBlock: `${firstByte}.${next}.0.0/16`,
    ipv6CidrBlock: null,
    isDefault: true,
    enableDnsSupport: true,
    enableDnsHostnames: true,
  }
}

async function furnish(at: Place, vpc: VpcRecord): Promise<void> {
  const mainTable = foundVpc(at, vpc)
  const gateway = { internetGatewayId: newId('igw'), attachedVpcId: vpc.vpcId }
  save(at, kinds.internetGateway, gateway)
  const toInternet = {
    destination: '0.0.0.0/0',
    target: { kind: 'gateway', id: gateway.internetGatewayId },
  } as const
  save(at, kinds.routeTable, { ...mainTable, routes: [...mainTable.routes, toInternet] })
  const network = vpc.cidrBlock.split('.').slice(0, 2).join('.')
  for (const [index, zone] of zonesOf(at.region).entries()) {
    await foundSubnet(at, publicSubnet(vpc, zone, `${network}.${index * 16}.0/20`))
  }
}

function publicSubnet(vpc: VpcRecord, zone: string, cidrBlock: string): SubnetRecord {
  return {
    subnetId: newId('subnet'),
    vpcId: vpc.vpcId,
    zone,
    cidrBlock,
    ipv6CidrBlock: null,
    defaultForAz: true,
    mapPublicIpOnLaunch: true,
    assignIpv6AddressOnCreation: false,
  }
}
