/** Network ACLs as the API writes them, and their filters. */
import type { NetworkAcl, NetworkAclEntry, Tag } from '@aws-sdk/client-ec2'
import type { FilterFields, FilterValue } from './filters.ts'
import type { NetworkAclEntryRecord, NetworkAclRecord } from './records.ts'

/** The number of the rule that denies whatever no entry has matched. */
const lastRuleNumber = 32767

export function viewNetworkAcl(acl: NetworkAclRecord, tags: Tag[], accountId: string): NetworkAcl {
  return {
    NetworkAclId: acl.networkAclId,
    VpcId: acl.vpcId,
    IsDefault: acl.isDefault,
    OwnerId: accountId,
    Associations: acl.associations.map(({ associationId, subnetId }) => ({
      NetworkAclAssociationId: associationId,
      NetworkAclId: acl.networkAclId,
      SubnetId: subnetId,
    })),
    Entries: [true, false].flatMap((egress) => [
      ...acl.entries.filter((entry) => entry.egress === egress).map(viewEntry),
      denyTheRest(egress),
    ]),
    Tags: tags,
  }
}

function viewEntry(entry: NetworkAclEntryRecord): NetworkAclEntry {
  const { portRange, icmp } = entry
  return {
    RuleNumber: entry.ruleNumber,
    RuleAction: entry.action,
    Egress: entry.egress,
    Protocol: entry.protocol,
    CidrBlock: entry.cidrBlock ?? undefined,
    Ipv6CidrBlock: entry.ipv6CidrBlock ?? undefined,
    PortRange: portRange === null ? undefined : { From: portRange.from, To: portRange.to },
    IcmpTypeCode: icmp === null ? undefined : { Type: icmp.type, Code: icmp.code },
  }
}

function denyTheRest(egress: boolean): NetworkAclEntry {
  return {
    RuleNumber: lastRuleNumber,
    RuleAction: 'deny',
    Egress: egress,
    Protocol: '-1',
    CidrBlock: '0.0.0.0/0',
  }
}

export function networkAclFilters(accountId: string): FilterFields<NetworkAclRecord> {
  const ofEntries =
    (value: (entry: NetworkAclEntryRecord) => string | number | boolean | null | undefined) =>
    (acl: NetworkAclRecord): FilterValue =>
      acl.entries.map(value)
  return {
    'association.association-id': (acl) => acl.associations.map((each) => each.associationId),
    'association.network-acl-id': (acl) => acl.associations.map(() => acl.networkAclId),
    'association.subnet-id': (acl) => acl.associations.map((each) => each.subnetId),
    default: (acl) => acl.isDefault,
    'entry.cidr': ofEntries((entry) => entry.cidrBlock),
    'entry.ipv6-cidr': ofEntries((entry) => entry.ipv6CidrBlock),
    'entry.egress': ofEntries((entry) => entry.egress),
    'entry.port-range.from': ofEntries((entry) => entry.portRange?.from),
    'entry.port-range.to': ofEntries((entry) => entry.portRange?.to),
    'entry.protocol': ofEntries((entry) => entry.protocol),
    'entry.rule-action': ofEntries((entry) => entry.action),
    'entry.rule-number': ofEntries((entry) => entry.ruleNumber),
    'network-acl-id': (acl) => acl.networkAclId,
    'owner-id': () => accountId,
    'vpc-id': (acl) => acl.vpcId,
  }
}
