import type {
  DescribeAccessPointsInput,
  DescribeAccessPointsOutput,
  Listener,
  LoadBalancerDescription,
  Policies,
} from '@aws-sdk/client-elastic-load-balancing'
import { reader } from '../../store/transaction.ts'
import { ec2Keys, type SecurityGroupRecord } from '../ec2/records.ts'
import type { Call } from '../wire/service.ts'
import { canonicalHostedZoneId } from './canonical-hosted-zones.ts'
import { loadBalancerNotFound } from './errors.ts'
import { healthCheckView } from './health-check.ts'
import { type InstanceMap, readInstances, registeredInstances } from './instances.ts'
import type { ElbOperation } from './load-balancers.ts'
import { page } from './paging.ts'
import {
  elbKeys,
  type ListenerRecord,
  type LoadBalancerRecord,
  type PolicyRecord,
} from './records.ts'
import { subnetIds } from './subnets.ts'
import { zoneNames } from './zones.ts'

/** In order of name. */
export const describeLoadBalancers: ElbOperation<
  DescribeAccessPointsInput,
  DescribeAccessPointsOutput
> = async (input, call) => {
  const prefix = elbKeys.loadBalancers(call.region)
  const all = await reader(call.store).list<LoadBalancerRecord>(prefix)
  const { items, nextMarker } = page(named(all, input.LoadBalancerNames), nameOf, input)
  const surroundings = items.length === 0 ? undefined : await readSurroundings(call)
  return {
    LoadBalancerDescriptions: surroundings
      ? items.map((record) => description(record, surroundings))
      : [],
    NextMarker: nextMarker,
  }
}

/** What the description of a load balancer tells of other resources. */
interface Surroundings {
  readonly region: string
  readonly accountId: string
  readonly instances: InstanceMap
  readonly groupNames: ReadonlyMap<string, string>
}

async function readSurroundings(call: Call): Promise<Surroundings> {
  const prefix = ec2Keys.securityGroups(call.region)
  const groups = await reader(call.store).list<SecurityGroupRecord>(prefix)
  return {
    region: call.region,
    accountId: call.accountId,
    instances: await readInstances(call),
    groupNames: new Map(groups.map(({ groupId, groupName }) => [groupId, groupName])),
  }
}

/** @throws ApiError LoadBalancerNotFound when one of the names is nobody's */
function named(
  all: readonly LoadBalancerRecord[],
  names: readonly string[] | undefined,
): readonly LoadBalancerRecord[] {
  if (!names?.length) return all
  const wanted = new Set(names)
  const found = all.filter(({ name }) => wanted.has(name))
  const known = new Set(found.map(nameOf))
  const missing = names.find((name) => !known.has(name))
  if (missing !== undefined) throw loadBalancerNotFound(missing)
  return found
}

function description(
  record: LoadBalancerRecord,
  { region, accountId, instances, groupNames }: Surroundings,
): LoadBalancerDescription {
  const [group = ''] = record.securityGroups
  return {
    LoadBalancerName: record.name,
    DNSName: record.dnsName,
    CanonicalHostedZoneName: record.dnsName,
    CanonicalHostedZoneNameID: canonicalHostedZoneId(region),
    ListenerDescriptions: record.listeners.map((listener) => ({
      Listener: listenerView(listener),
      PolicyNames: [...listener.policyNames],
    })),
    Policies: policiesView(record.policies),
    BackendServerDescriptions: record.backendPolicies.map(({ instancePort, policyNames }) => ({
      InstancePort: instancePort,
      PolicyNames: [...policyNames],
    })),
    AvailabilityZones: zoneNames(record),
    Subnets: subnetIds(record),
    VPCId: record.vpcId,
    Instances: registeredInstances(record, instances),
    HealthCheck: healthCheckView(record.healthCheck),
    // Terraform looks the group up by this name and owner.
    SourceSecurityGroup: { OwnerAlias: accountId, GroupName: groupNames.get(group) ?? group },
    SecurityGroups: [...record.securityGroups],
    CreatedTime: new Date(record.createdTime),
    Scheme: record.scheme,
  }
}

function listenerView(listener: ListenerRecord): Listener {
  return {
    Protocol: listener.protocol,
    LoadBalancerPort: listener.loadBalancerPort,
    InstanceProtocol: listener.instanceProtocol,
    InstancePort: listener.instancePort,
    ...(listener.certificateArn !== null && { SSLCertificateId: listener.certificateArn }),
  }
}

function policiesView(policies: readonly PolicyRecord[]): Policies {
  const view: Required<Policies> = {
    AppCookieStickinessPolicies: [],
    LBCookieStickinessPolicies: [],
    OtherPolicies: [],
  }
  for (const { name, typeName, attributes } of policies) {
    const value = attributes[0]?.value
    if (typeName === 'AppCookieStickinessPolicyType') {
      view.AppCookieStickinessPolicies?.push({ PolicyName: name, CookieName: value })
    } else if (typeName === 'LBCookieStickinessPolicyType') {
      const period = Number(value)
      view.LBCookieStickinessPolicies?.push({ PolicyName: name, CookieExpirationPeriod: period })
    } else {
      view.OtherPolicies?.push(name)
    }
  }
  return view
}

function nameOf({ name }: LoadBalancerRecord): string {
  return name
}
