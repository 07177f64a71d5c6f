/** Entries of a network ACL: CreateNetworkAclEntry, ReplaceNetworkAclEntry, DeleteNetworkAclEntry. */
import type {
  CreateNetworkAclEntryRequest,
  DeleteNetworkAclEntryRequest,
  ReplaceNetworkAclEntryRequest,
} from '@aws-sdk/client-ec2'
import { ApiError } from '../wire/errors.ts'
import { formatCidr, parseCidr } from './cidr.ts'
import { invalidParameter, missingParameter, needParameter } from './errors.ts'
import type { Action } from './operation.ts'
import type { NetworkAclEntryRecord, NetworkAclRecord } from './records.ts'
import { kinds, need, save } from './resources.ts'

const maxRuleNumber = 32766

const protocolNumbers: Readonly<Record<string, string>> = {
  all: '-1',
  icmp: '1',
  tcp: '6',
  udp: '17',
  icmpv6: '58',
}

export const createNetworkAclEntry: Action<CreateNetworkAclEntryRequest, object> = async (
  input,
  scope,
) => {
  const acl = await need(scope, kinds.networkAcl, input.NetworkAclId)
  const entry = entryOf(input)
  if (findEntry(acl, entry) !== undefined) {
    const message = `The network acl entry identified by ${entry.ruleNumber} already exists.`
    throw new ApiError('NetworkAclEntryAlreadyExists', message)
  }
  save(scope, kinds.networkAcl, { ...acl, entries: sorted([...acl.entries, entry]) })
  return {}
}

export const replaceNetworkAclEntry: Action<ReplaceNetworkAclEntryRequest, object> = async (
  input,
  scope,
) => {
  const acl = await need(scope, kinds.networkAcl, input.NetworkAclId)
  const entry = entryOf(input)
  const old = needEntry(acl, entry)
  const entries = acl.entries.map((each) => (each === old ? entry : each))
  save(scope, kinds.networkAcl, { ...acl, entries })
  return {}
}

export const deleteNetworkAclEntry: Action<DeleteNetworkAclEntryRequest, object> = async (
  input,
  scope,
) => {
  const acl = await need(scope, kinds.networkAcl, input.NetworkAclId)
  const ruleNumber = needParameter(input.RuleNumber, 'ruleNumber')
  const entry = needEntry(acl, { ruleNumber, egress: input.Egress ?? false })
  const entries = acl.entries.filter((each) => each !== entry)
  save(scope, kinds.networkAcl, { ...acl, entries })
  return {}
}

type EntryName = Pick<NetworkAclEntryRecord, 'ruleNumber' | 'egress'>

function entryOf(input: CreateNetworkAclEntryRequest): NetworkAclEntryRecord {
  const protocol = protocolOf(needParameter(input.Protocol, 'protocol'))
  return {
    ruleNumber: ruleNumberOf(input),
    egress: input.Egress ?? false,
    action: actionOf(input),
    protocol,
    ...rangesOf(input),
    portRange: portRangeOf(input, protocol),
    icmp: icmpOf(input, protocol),
  }
}

function ruleNumberOf({ RuleNumber }: CreateNetworkAclEntryRequest): number {
  const number = needParameter(RuleNumber, 'ruleNumber')
  if (!Number.isInteger(number) || number < 1 || number > maxRuleNumber) {
    throw invalidParameter(number, 'ruleNumber', `It must be from 1 to ${maxRuleNumber}.`)
  }
  return number
}

function actionOf({ RuleAction }: CreateNetworkAclEntryRequest): 'allow' | 'deny' {
  if (RuleAction === 'allow' || RuleAction === 'deny') return RuleAction
  throw invalidParameter(RuleAction, 'ruleAction', 'It must be allow or deny.')
}

function rangesOf(
  input: CreateNetworkAclEntryRequest,
): Pick<NetworkAclEntryRecord, 'cidrBlock' | 'ipv6CidrBlock'> {
  const { CidrBlock: ipv4, Ipv6CidrBlock: ipv6 } = input
  const text = ipv4 ?? ipv6
  if (text === undefined) throw missingParameter('cidrBlock')
  const cidr = parseCidr(text, ipv4 === undefined ? 128 : 32)
  if (cidr === undefined) {
    throw invalidParameter(text, 'cidrBlock', 'This is not a valid CIDR block.')
  }
  return cidr.bits === 32
    ? { cidrBlock: formatCidr(cidr), ipv6CidrBlock: null }
    : { cidrBlock: null, ipv6CidrBlock: formatCidr(cidr) }
}

function protocolOf(given: string): string {
  const protocol = protocolNumbers[given.toLowerCase()] ?? given
  const isNumber = /^\d{1,3}$/.test(protocol) && Number(protocol) <= 255
  if (!isNumber && protocol !== '-1') throw invalidParameter(given, 'protocol')
  return protocol
}

function portRangeOf(
  { PortRange }: CreateNetworkAclEntryRequest,
  protocol: string,
): NetworkAclEntryRecord['portRange'] {
  if (protocol !== protocolNumbers.tcp && protocol !== protocolNumbers.udp) return null
  const from = needParameter(PortRange?.From, 'portRange.from')
  const to = needParameter(PortRange?.To, 'portRange.to')
  if (from < 0 || to > 65535 || from > to) throw invalidParameter(`${from}-${to}`, 'portRange')
  return { from, to }
}

function icmpOf(
  { IcmpTypeCode }: CreateNetworkAclEntryRequest,
  protocol: string,
): NetworkAclEntryRecord['icmp'] {
  if (protocol !== protocolNumbers.icmp && protocol !== protocolNumbers.icmpv6) return null
  return { type: IcmpTypeCode?.Type ?? -1, code: IcmpTypeCode?.Code ?? -1 }
}

function findEntry(
  acl: NetworkAclRecord,
  { ruleNumber, egress }: EntryName,
): NetworkAclEntryRecord | undefined {
  return acl.entries.find((each) => each.ruleNumber === ruleNumber && each.egress === egress)
}

function needEntry(acl: NetworkAclRecord, name: EntryName): NetworkAclEntryRecord {
  const entry = findEntry(acl, name)
  if (entry !== undefined) return entry
  const direction = name.egress ? 'egress' : 'ingress'
  const message = `The ${direction} entry with rule number ${name.ruleNumber} does not exist in network ACL '${acl.networkAclId}'`
  throw new ApiError('InvalidNetworkAclEntry.NotFound', message)
}

function sorted(entries: readonly NetworkAclEntryRecord[]): NetworkAclEntryRecord[] {
  return [...entries].sort(
    (a, b) => Number(a.egress) - Number(b.egress) || a.ruleNumber - b.ruleNumber,
  )
}
