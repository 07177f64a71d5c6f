import { Project } from '../../huawei/elb/project.ts'
import { type CertificateRecord, huaweiKeys } from '../../huawei/elb/records.ts'
import type { Certificate } from '../../snapshot/snapshot.ts'
import type { SecretBox } from '../../std/secret-box.ts'
import type { Store } from '../../store/store.ts'
import { openHuaweiCertificate } from '../certificates.ts'
import type { OnUnusable } from '../world.ts'

export interface HuaweiWorld {
  readonly projects: readonly Project[]
  /** By their keys in the store; those that cannot be opened are not there. */
  readonly certificates: ReadonlyMap<string, Certificate>
}

/** Huawei Cloud's resources of all projects. */
export async function readHuawei(
  store: Store,
  box: SecretBox,
  onUnusable: OnUnusable,
): Promise<HuaweiWorld> {
  const { entries } = await store.list(huaweiKeys.all)
  const records = entries.flatMap(({ key, value }): [string, unknown][] => {
    try {
      return [[key, JSON.parse(value)]]
    } catch (error) {
      onUnusable(key, error)
      return []
    }
  })
  const byProject = Map.groupBy(records, ([key]) => key.split('/')[1] ?? '')
  const projects = [...byProject].map(([id, own]) => new Project(id, own, refuseToWrite))
  return { projects, certificates: openCertificates(projects, box, onUnusable) }
}

function refuseToWrite(): never {
  throw new Error('the project was read to be translated')
}

function openCertificates(
  projects: readonly Project[],
  box: SecretBox,
  onUnusable: OnUnusable,
): Map<string, Certificate> {
  const certificates = new Map<string, Certificate>()
  const all = projects.flatMap((project) => project.certificates.all())
  for (const record of all) {
    const key = keyOf(record)
    try {
      const certificate = openHuaweiCertificate(key, record, box)
      if (certificate !== undefined) certificates.set(key, certificate)
    } catch (error) {
      onUnusable(key, error)
    }
  }
  return certificates
}

function keyOf({ project_id, id }: CertificateRecord): string {
  return huaweiKeys.resource(project_id, 'certificate', id)
}
