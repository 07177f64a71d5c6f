import {
  type CertificateRecord,
  certificateKeys,
  isCertificateKey,
} from '../aws/certificates/records.ts'
import { ec2Keys, type InstanceRecord } from '../aws/ec2/records.ts'
import { elbKeys, type LoadBalancerRecord } from '../aws/elb/records.ts'
import type { Project } from '../huawei/elb/project.ts'
import { huaweiKeys } from '../huawei/elb/records.ts'
import {
  type ChallengeAnswer,
  type ChallengeRecord,
  challengeKeys,
} from '../issuance/challenges.ts'
import type { Certificate } from '../snapshot/snapshot.ts'
import type { SecretBox } from '../std/secret-box.ts'
import type { Entry, Store } from '../store/store.ts'
import { openCertificate } from './certificates.ts'
import { readHuawei } from './huawei/world.ts'
import { readSystem, systemKey } from './system.ts'

/** All that translation needs to know of the dialects' resources, read at about one revision. */
export interface World {
  /** Everything up to this revision is in here; a later change leads to another reading. */
  readonly revision: number
  readonly system: string
  readonly regions: readonly RegionWorld[]
  /** Of Huawei Cloud. */
  readonly projects: readonly Project[]
  /** By ARN, of all regions, and Huawei Cloud's by their keys in the store; those that cannot be opened are not there. */
  readonly certificates: ReadonlyMap<string, Certificate>
  /** What authorities are to be shown. */
  readonly challenges: readonly ChallengeAnswer[]
}

export interface RegionWorld {
  readonly region: string
  readonly loadBalancers: readonly LoadBalancerRecord[]
  readonly instances: ReadonlyMap<string, InstanceRecord>
}

/** Keys that, when they change, may change what the proxies do. */
export function concernsWorld(key: string): boolean {
  const prefixes = [elbKeys.all, huaweiKeys.all, challengeKeys.all]
  if (prefixes.some((prefix) => key.startsWith(prefix))) return true
  return key === systemKey || isCertificateKey(key) || /^ec2\/[^/]+\/instance\//.test(key)
}

/** Told of a record that cannot be used: it is left out, and all others go on. */
export type OnUnusable = (key: string, error: unknown) => void

/**
 * @param box opens the certificates' private keys
 * @param onUnusable is told of each record that is not JSON or not what it has to be.
 */
export async function readWorld(
  store: Store,
  box: SecretBox,
  onUnusable: OnUnusable,
): Promise<World> {
  // The revision is taken first: what is committed while we read is seen early at worst, and read again.
  const revision = await store.revision()
  // Before all else that a reset empties: what was there before one is never said to be of the system after it.
  const system = await readSystem(store)
  const byRegion = new Map<string, LoadBalancerRecord[]>()
  for (const { key, value } of (await store.list(elbKeys.all)).entries) {
    const region = key.split('/')[1] ?? ''
    if (!key.startsWith(elbKeys.loadBalancers(region))) continue
    const record = parse<LoadBalancerRecord>({ key, value }, ['name', 'id', 'dnsName'], onUnusable)
    if (record === undefined) continue
    const records = byRegion.get(region) ?? []
    records.push(record)
    byRegion.set(region, records)
  }
  const regions: RegionWorld[] = []
  for (const [region, loadBalancers] of byRegion) {
    regions.push({
      region,
      loadBalancers,
      instances: await readInstances(store, region, onUnusable),
    })
  }
  const certificates = await readCertificates(store, box, onUnusable)
  const huawei = await readHuawei(store, box, onUnusable)
  for (const [key, certificate] of huawei.certificates) certificates.set(key, certificate)
  return {
    revision,
    system,
    regions,
    projects: huawei.projects,
    certificates,
    challenges: await readChallenges(store),
  }
}

async function readCertificates(
  store: Store,
  box: SecretBox,
  onUnusable: OnUnusable,
): Promise<Map<string, Certificate>> {
  const certificates = new Map<string, Certificate>()
  const listings = [
    await store.list(certificateKeys.allOfIam),
    await store.list(certificateKeys.allOfAcm),
  ]
  for (const entry of listings.flatMap(({ entries }) => entries)) {
    if (!isCertificateKey(entry.key)) continue
    const record = parse<CertificateRecord>(entry, ['arn', 'body', 'sealedKey'], onUnusable)
    if (record === undefined) continue
    try {
      certificates.set(record.arn, openCertificate(entry.key, record, box))
    } catch (error) {
      onUnusable(entry.key, error)
    }
  }
  return certificates
}

/** Written and removed by Weir itself, so that none is unusable. */
async function readChallenges(store: Store): Promise<ChallengeAnswer[]> {
  const { entries } = await store.list(challengeKeys.all)
  return entries.flatMap(({ value }) => (JSON.parse(value) as ChallengeRecord).answers)
}

async function readInstances(
  store: Store,
  region: string,
  onUnusable: OnUnusable,
): Promise<Map<string, InstanceRecord>> {
  const { entries } = await store.list(ec2Keys.instances(region))
  const records = entries.flatMap(
    (entry) => parse<InstanceRecord>(entry, ['instanceId'], onUnusable) ?? [],
  )
  return new Map(records.map((record) => [record.instanceId, record]))
}

/** @param identity members that make the record's identity; the rest is looked at when it is translated. */
function parse<T extends object>(
  { key, value }: Pick<Entry, 'key' | 'value'>,
  identity: readonly (keyof T & string)[],
  onUnusable: OnUnusable,
): T | undefined {
  try {
    const record = JSON.parse(value) as T | null
    if (record !== null && identity.every((name) => typeof record[name] === 'string')) return record
    throw new Error(`the record lacks one of ${identity.join(', ')}`)
  } catch (error) {
    onUnusable(key, error)
    return undefined
  }
}
