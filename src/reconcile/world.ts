import { ec2Keys, type InstanceRecord } from '../aws/ec2/records.ts'
import { elbKeys, type LoadBalancerRecord } from '../aws/elb/records.ts'
import type { Store } from '../store/store.ts'

/** All that translation needs to know of the dialects' resources, read at about one revision. */
export interface World {
  /** Everything up to this revision is in here; a later change leads to another reading. */
  readonly revision: number
  readonly regions: readonly RegionWorld[]
}

export interface RegionWorld {
  readonly region: string
  readonly loadBalancers: readonly LoadBalancerRecord[]
  readonly instances: ReadonlyMap<string, InstanceRecord>
}

/** Keys that, when they change, may change what the proxies do. */
export function concernsWorld(key: string): boolean {
  return key.startsWith(elbKeys.all) || /^ec2\/[^/]+\/instance\//.test(key)
}

export async function readWorld(store: Store): Promise<World> {
  // The revision is taken first: what is committed while we read is seen early at worst, and read again.
  const revision = await store.revision()
  const byRegion = new Map<string, LoadBalancerRecord[]>()
  for (const { key, value } of (await store.list(elbKeys.all)).entries) {
    const region = key.split('/')[1] ?? ''
    if (!key.startsWith(elbKeys.loadBalancers(region))) continue
    const records = byRegion.get(region) ?? []
    records.push(JSON.parse(value) as LoadBalancerRecord)
    byRegion.set(region, records)
  }
  const regions: RegionWorld[] = []
  for (const [region, loadBalancers] of byRegion) {
    regions.push({ region, loadBalancers, instances: await readInstances(store, region) })
  }
  return { revision, regions }
}

async function readInstances(store: Store, region: string): Promise<Map<string, InstanceRecord>> {
  const { entries } = await store.list(ec2Keys.instances(region))
  const records = entries.map(({ value }) => JSON.parse(value) as InstanceRecord)
  return new Map(records.map((record) => [record.instanceId, record]))
}
