/** What an account sees before it makes anything: DescribeRegions, DescribeAvailabilityZones, DescribeAccountAttributes. */
import type {
  AvailabilityZone,
  DescribeAccountAttributesRequest,
  DescribeAccountAttributesResult,
  DescribeAvailabilityZonesRequest,
  DescribeAvailabilityZonesResult,
  DescribeRegionsRequest,
  DescribeRegionsResult,
  Region,
} from '@aws-sdk/client-ec2'
import { invalidParameter, invalidValue } from './errors.ts'
import { type FilterFields, filtered } from './filters.ts'
import type { Action } from './operation.ts'
import { ec2Keys } from './records.ts'
import { zoneId, zonesOf } from './region.ts'
import { all, kinds } from './resources.ts'

/** The regions in use: any well-formed name is a region from its first request on. */
export const describeRegions: Action<DescribeRegionsRequest, DescribeRegionsResult> = async (
  input,
  scope,
) => {
  const names = (await scope.tx.get<string[]>(ec2Keys.regions)) ?? []
  const unknown = input.RegionNames?.find((name) => !names.includes(name))
  if (unknown !== undefined) throw invalidValue(`Invalid region provided: [${unknown}]`)
  const wanted = input.RegionNames ?? names
  const regions = wanted.map((name) => ({
    RegionName: name,
    Endpoint: `ec2.${name}.amazonaws.com`,
    OptInStatus: 'opt-in-not-required',
  }))
  return { Regions: filtered(regions, input.Filters, regionFilters, () => []) }
}

const regionFilters: FilterFields<Region> = {
  endpoint: (region) => region.Endpoint,
  'opt-in-status': (region) => region.OptInStatus,
  'region-name': (region) => region.RegionName,
}

export const describeAvailabilityZones: Action<
  DescribeAvailabilityZonesRequest,
  DescribeAvailabilityZonesResult
> = async (input, scope) => {
  const zones = zonesOf(scope.region).map(
    (zone): AvailabilityZone => ({
      ZoneName: zone,
      ZoneId: zoneId(scope.region, zone),
      ZoneType: 'availability-zone',
      RegionName: scope.region,
      GroupName: scope.region,
      NetworkBorderGroup: scope.region,
      OptInStatus: 'opt-in-not-required',
      State: 'available',
      Messages: [],
    }),
  )
  const names = input.ZoneNames ?? []
  const ids = input.ZoneIds ?? []
  const unknown =
    names.find((name) => !zones.some((zone) => zone.ZoneName === name)) ??
    ids.find((id) => !zones.some((zone) => zone.ZoneId === id))
  if (unknown !== undefined) throw invalidValue(`Invalid availability zone: [${unknown}]`)
  const chosen = zones.filter(
    (zone) =>
      (names.length === 0 || names.includes(zone.ZoneName ?? '')) &&
      (ids.length === 0 || ids.includes(zone.ZoneId ?? '')),
  )
  return { AvailabilityZones: filtered(chosen, input.Filters, zoneFilters, () => []) }
}

const zoneFilters: FilterFields<AvailabilityZone> = {
  'group-name': (zone) => zone.GroupName,
  'opt-in-status': (zone) => zone.OptInStatus,
  'region-name': (zone) => zone.RegionName,
  state: (zone) => zone.State,
  'zone-id': (zone) => zone.ZoneId,
  'zone-name': (zone) => zone.ZoneName,
  'zone-type': (zone) => zone.ZoneType,
}

/** The values of a new AWS account; `default-vpc` is the region's. */
export const describeAccountAttributes: Action<
  DescribeAccountAttributesRequest,
  DescribeAccountAttributesResult
> = async ({ AttributeNames: names = [] }, scope) => {
  const vpc = (await all(scope, kinds.vpc)).find(({ isDefault }) => isDefault)
  const values: Readonly<Record<string, string>> = {
    'supported-platforms': 'VPC',
    'vpc-max-security-groups-per-interface': '5',
    'max-elastic-ips': '0',
    'max-instances': '1000',
    'vpc-max-elastic-ips': '0',
    'default-vpc': vpc?.vpcId ?? 'none',
  }
  const unknown = names.find((name) => !Object.hasOwn(values, name))
  if (unknown !== undefined) throw invalidParameter(unknown, 'attributeName')
  const chosen = Object.entries(values).filter(
    ([name]) => names.length === 0 || names.some((each) => each === name),
  )
  return {
    AccountAttributes: chosen.map(([name, value]) => ({
      AttributeName: name,
      AttributeValues: [{ AttributeValue: value }],
    })),
  }
}
