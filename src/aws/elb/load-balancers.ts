import { atomically, reader, type Transaction } from '../../store/transaction.ts'
import type { Call } from '../wire/service.ts'
import { loadBalancerNotFound } from './errors.ts'
import type { ElbPorts } from './ports.ts'
import { elbKeys, type LoadBalancerRecord } from './records.ts'

/** An operation as it is written here: with the ports that it may ask. */
export type ElbOperation<I, O extends object> = (
  input: I,
  call: Call,
  ports: ElbPorts,
) => Promise<O>

/** @throws ApiError LoadBalancerNotFound */
export async function readLoadBalancer(call: Call, name: string): Promise<LoadBalancerRecord> {
  const key = elbKeys.loadBalancer(call.region, name)
  const record = await reader(call.store).get<LoadBalancerRecord>(key)
  if (record === undefined) throw loadBalancerNotFound(name)
  return record
}

/** @throws ApiError LoadBalancerNotFound */
export async function findLoadBalancer(
  tx: Transaction,
  region: string,
  name: string,
): Promise<LoadBalancerRecord> {
  const record = await tx.get<LoadBalancerRecord>(elbKeys.loadBalancer(region, name))
  if (record === undefined) throw loadBalancerNotFound(name)
  return record
}

/**
 * Replaces a load balancer's document by what `change` makes of it. Concurrent changes of one load balancer follow each other;
 * a change that returns its argument writes nothing.
 * @returns the document as it is then
 * @throws ApiError LoadBalancerNotFound, and what `change` throws
 */
export function changeLoadBalancer(
  call: Call,
  name: string | undefined,
  change: (
    record: LoadBalancerRecord,
    tx: Transaction,
  ) => LoadBalancerRecord | Promise<LoadBalancerRecord>,
): Promise<LoadBalancerRecord> {
  return atomically(call.store, async (tx) => {
    const record = await findLoadBalancer(tx, call.region, name ?? '')
    const changed = await change(record, tx)
    if (changed !== record) tx.put(elbKeys.loadBalancer(call.region, record.name), changed)
    return changed
  })
}
