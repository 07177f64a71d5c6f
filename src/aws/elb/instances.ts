/**
 * Registration. A terminated instance is deregistered: it is in no answer from the moment that EC2 says so, and leaves the document
 * with the next change of the registrations.
 */
import { randomUUID } from 'node:crypto'
import type {
  DeregisterEndPointsInput,
  DeregisterEndPointsOutput,
  Instance,
  RegisterEndPointsInput,
  RegisterEndPointsOutput,
} from '@aws-sdk/client-elastic-load-balancing'
import { reader, type Transaction } from '../../store/transaction.ts'
import { findInstance } from '../ec2/load-balancing.ts'
import { ec2Keys, type InstanceRecord } from '../ec2/records.ts'
import { validationError } from '../wire/errors.ts'
import type { Call } from '../wire/service.ts'
import { drainingAfter } from './draining.ts'
import { instanceNotFound, invalidInstance } from './errors.ts'
import { changeLoadBalancer, type ElbOperation } from './load-balancers.ts'
import type { LoadBalancerRecord, RegistrationRecord } from './records.ts'

/** How many deregistered instances a load balancer remembers, the latest ones. */
const maxFormerInstances = 1000

export type InstanceMap = ReadonlyMap<string, InstanceRecord>

export const registerInstances: ElbOperation<
  RegisterEndPointsInput,
  RegisterEndPointsOutput
> = async ({ LoadBalancerName, Instances }, call, ports) => {
  const record = await changeLoadBalancer(call, LoadBalancerName, async (before, tx) => {
    const wanted = requestedIds(Instances)
    const current = withoutTerminated(before, await readInstances(call))
    const registered = new Set(current.instances.map(({ instanceId }) => instanceId))
    for (const id of wanted) await checkInstance(tx, call.region, id, before.vpcId)
    const added = wanted.filter((id) => !registered.has(id))
    const count = registered.size + added.length
    if (count > ports.quotas.instances) {
      throw invalidInstance(
        `Load balancer ${before.name} cannot have more than ${ports.quotas.instances} registered instances`,
      )
    }
    return added.length === 0 ? current : register(current, added, call.clock.now())
  })
  return { Instances: record.instances.map(view) }
}

/** All or none: one instance that was never registered makes the whole request fail. */
export const deregisterInstances: ElbOperation<
  DeregisterEndPointsInput,
  DeregisterEndPointsOutput
> = async ({ LoadBalancerName, Instances }, call) => {
  const record = await changeLoadBalancer(call, LoadBalancerName, async (before) => {
    const unwanted = requestedIds(Instances)
    checkKnown(before, unwanted)
    const current = withoutTerminated(before, await readInstances(call))
    return deregister(current, unwanted, call.clock.now())
  })
  return { Instances: record.instances.map(view) }
}

/**
 * Every instance of the region, outside any transaction. Read after the load balancer, it has every instance that was registered then,
 * unless EC2 has forgotten it; and that an instance is terminated never changes again.
 */
export async function readInstances(call: Call): Promise<InstanceMap> {
  const records = await reader(call.store).list<InstanceRecord>(ec2Keys.instances(call.region))
  return new Map(records.map((record) => [record.instanceId, record]))
}

/** In order of registration, without terminated instances. */
export function registeredInstances(
  record: LoadBalancerRecord,
  instances: InstanceMap,
): Instance[] {
  return withoutTerminated(record, instances).instances.map(view)
}

/** @throws ApiError ValidationError when there are none */
function requestedIds(instances: readonly Instance[] | undefined): string[] {
  const ids = [...new Set((instances ?? []).map(({ InstanceId }) => InstanceId ?? ''))]
  if (ids.length === 0) throw validationError('Instances cannot be empty')
  return ids
}

/** @throws ApiError InvalidInstance when one is neither registered nor was it ever */
export function checkKnown(record: LoadBalancerRecord, ids: readonly string[]): void {
  const registered = record.instances.map(({ instanceId }) => instanceId)
  const known = new Set([...registered, ...record.formerInstances])
  const unknown = ids.find((id) => !known.has(id))
  if (unknown !== undefined) throw instanceNotFound(unknown)
}

/** They do not drain: with a terminated instance, its connections are gone. */
function withoutTerminated(record: LoadBalancerRecord, instances: InstanceMap): LoadBalancerRecord {
  const gone = record.instances.filter(({ instanceId }) => {
    const state = instances.get(instanceId)?.state
    return state === undefined || state === 'terminated'
  })
  return without(record, gone)
}

function register(
  record: LoadBalancerRecord,
  ids: readonly string[],
  now: number,
): LoadBalancerRecord {
  const added: RegistrationRecord[] = ids.map((instanceId) => ({
    instanceId,
    registrationId: randomUUID(),
  }))
  const instances = [...record.instances, ...added]
  return {
    ...record,
    instances,
    draining: drainingAfter(record, instances, [], now),
    formerInstances: record.formerInstances.filter((id) => !ids.includes(id)),
  }
}

function deregister(
  record: LoadBalancerRecord,
  ids: readonly string[],
  now: number,
): LoadBalancerRecord {
  const removed = record.instances.filter(({ instanceId }) => ids.includes(instanceId))
  if (removed.length === 0) return record
  const after = without(record, removed)
  return { ...after, draining: drainingAfter(record, after.instances, removed, now) }
}

function without(
  record: LoadBalancerRecord,
  removed: readonly RegistrationRecord[],
): LoadBalancerRecord {
  if (removed.length === 0) return record
  const former = [...record.formerInstances, ...removed.map(({ instanceId }) => instanceId)]
  return {
    ...record,
    instances: record.instances.filter((registration) => !removed.includes(registration)),
    formerInstances: former.slice(-maxFormerInstances),
  }
}

/** "a running instance in the same network as the load balancer" (guide, page 30); one that is stopped may start again. */
async function checkInstance(
  tx: Transaction,
  region: string,
  id: string,
  vpcId: string,
): Promise<void> {
  const instance = await findInstance(tx, region, id)
  if (instance === undefined || instance.state === 'terminated') throw instanceNotFound(id)
  if (instance.vpcId !== vpcId) {
    throw invalidInstance(`EC2 instance ${id} is not in the same VPC as ELB.`)
  }
}

function view({ instanceId }: RegistrationRecord): Instance {
  return { InstanceId: instanceId }
}
