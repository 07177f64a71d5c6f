import type {
  CreateAccessPointInput,
  CreateAccessPointOutput,
} from '@aws-sdk/client-elastic-load-balancing'
import { atomically, type Transaction } from '../../store/transaction.ts'
import type { Call } from '../wire/service.ts'
import { defaultAttributes } from './attributes.ts'
import { dnsName, newLoadBalancerId } from './dns-name.ts'
import {
  duplicateLoadBalancerName,
  invalidConfiguration,
  invalidScheme,
  tooManyLoadBalancers,
} from './errors.ts'
import { defaultHealthCheck } from './health-check.ts'
import {
  checkCertificates,
  checkListenerQuota,
  requestedListeners,
  sameListener,
  withListeners,
} from './listener-rules.ts'
import type { ElbOperation } from './load-balancers.ts'
import { checkLoadBalancerName } from './names.ts'
import { type Network, requestedNetwork } from './network.ts'
import { createNodes } from './nodes.ts'
import { withDefaultSslPolicy } from './policy-rules.ts'
import type { ElbPorts } from './ports.ts'
import { elbKeys, type ListenerRecord, type LoadBalancerRecord, type TagRecord } from './records.ts'
import { subnetIds } from './subnets.ts'
import { requestedTags, withTags } from './tags.ts'

/** The same request again answers the same name; the same name with other parameters is an error. */
export const createLoadBalancer: ElbOperation<
  CreateAccessPointInput,
  CreateAccessPointOutput
> = async (input, call, ports) => {
  const plan = planOf(input, ports)
  const key = elbKeys.loadBalancer(call.region, plan.name)
  return atomically(call.store, async (tx) => {
    await checkCertificates(tx, plan.listeners, call)
    const network = await requestedNetwork(
      tx,
      call.region,
      { ...input, scheme: plan.scheme },
      ports,
    )
    const existing = await tx.get<LoadBalancerRecord>(key)
    if (existing !== undefined) {
      if (!sameParameters(existing, plan, network)) throw duplicateLoadBalancerName(plan.name)
      return { DNSName: existing.dnsName }
    }
    await checkQuota(tx, call, ports)
    const record = await make(tx, call, ports, plan, network)
    tx.put(key, record)
    return { DNSName: record.dnsName }
  })
}

/** What a request asks for, apart from its network. */
interface Plan {
  readonly name: string
  readonly scheme: LoadBalancerRecord['scheme']
  readonly listeners: readonly ListenerRecord[]
  readonly tags: readonly TagRecord[]
}

function planOf(input: CreateAccessPointInput, ports: ElbPorts): Plan {
  const name = input.LoadBalancerName ?? ''
  checkLoadBalancerName(name)
  const tags = withTags({ name, tags: [] }, requestedTags(input.Tags), ports)
  const scheme = schemeOf(input.Scheme)
  const listeners = withListeners([], requestedListeners(input.Listeners), (port) =>
    invalidConfiguration(`Two listeners were specified with LoadBalancerPort ${port}`),
  )
  checkListenerQuota(listeners.length, ports)
  return { name, scheme, listeners, tags }
}

async function make(
  tx: Transaction,
  call: Call,
  ports: ElbPorts,
  plan: Plan,
  { vpcId, subnets, securityGroups }: Network,
): Promise<LoadBalancerRecord> {
  const { name, scheme, listeners, tags } = plan
  const id = newLoadBalancerId()
  const [first] = listeners
  if (first === undefined) throw new Error('a checked request has a listener')
  return {
    name,
    id,
    createdTime: new Date(call.clock.now()).toISOString(),
    scheme,
    dnsName: dnsName({ scheme, name, id }, call.region, ports.dnsSuffix),
    vpcId,
    zones: await createNodes(tx, call, { name, securityGroups }, subnets),
    securityGroups,
    listeners,
    healthCheck: defaultHealthCheck(first),
    instances: [],
    draining: [],
    formerInstances: [],
    policies: withDefaultSslPolicy([], listeners),
    backendPolicies: [],
    attributes: defaultAttributes,
    tags,
  }
}

/** Reading all names in the creating transaction is what holds the quota among concurrent creators. */
async function checkQuota(tx: Transaction, call: Call, ports: ElbPorts): Promise<void> {
  const all = await tx.list<LoadBalancerRecord>(elbKeys.loadBalancers(call.region))
  if (all.length >= ports.quotas.loadBalancers) throw tooManyLoadBalancers(call.accountId)
}

/** Whether the load balancer is as the request wants it; tags that it has beside those of the request do not count. */
function sameParameters(existing: LoadBalancerRecord, plan: Plan, network: Network): boolean {
  return (
    existing.scheme === plan.scheme &&
    existing.listeners.length === plan.listeners.length &&
    plan.listeners.every((wanted) => existing.listeners.some((has) => sameListener(has, wanted))) &&
    sameMembers(
      subnetIds(existing),
      network.subnets.map(({ subnetId }) => subnetId),
    ) &&
    sameMembers(existing.securityGroups, network.securityGroups) &&
    plan.tags.every((wanted) =>
      existing.tags.some(({ key, value }) => key === wanted.key && value === wanted.value),
    )
  )
}

function sameMembers(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((each) => b.includes(each))
}

function schemeOf(scheme: string | undefined): LoadBalancerRecord['scheme'] {
  if (scheme === undefined || scheme === '') return 'internet-facing'
  if (scheme !== 'internet-facing' && scheme !== 'internal') throw invalidScheme(scheme)
  return scheme
}
