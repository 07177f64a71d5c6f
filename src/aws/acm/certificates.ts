import { randomUUID } from 'node:crypto'
import type {
  DeleteCertificateRequest,
  DescribeCertificateRequest,
  DescribeCertificateResponse,
  ExportCertificateRequest,
  ExportCertificateResponse,
  GetCertificateRequest,
  GetCertificateResponse,
  ImportCertificateRequest,
  ImportCertificateResponse,
} from '@aws-sdk/client-acm'
import { type Material, readMaterial } from '../../certificates/material.ts'
import { atomically, reader, type Transaction } from '../../store/transaction.ts'
import { certificateKeys, sealMaterial } from '../certificates/records.ts'
import { certificateUsers, loadBalancerArn } from '../elb/certificate-users.ts'
import { reject, type Violation } from '../wire/constraints.ts'
import type { Call, Operation } from '../wire/service.ts'
import { certificateDetail } from './detail.ts'
import {
  certificateInUse,
  invalid,
  requestInProgress,
  tooManyCertificates,
  unusableMaterial,
} from './errors.ts'
import type { AcmPorts } from './ports.ts'
import {
  certificateArn,
  findAcmCertificate,
  type ImportedRecord,
  listAcmCertificates,
  type TagRecord,
} from './records.ts'
import { requestedTags, withTags } from './tags.ts'

/** Under the ARN of a certificate that is there, its content is replaced, on all listeners that use it. */
export function importCertificate(
  ports: AcmPorts,
): Operation<ImportCertificateRequest, ImportCertificateResponse> {
  return async (input, call) => {
    reject(importViolations(input))
    const tags = requestedTags(input.Tags)
    const sent = {
      body: text(input.Certificate),
      chain: input.CertificateChain === undefined ? undefined : text(input.CertificateChain),
      privateKey: text(input.PrivateKey),
    }
    const material = readMaterial(sent, call.clock.now(), unusableMaterial)
    const { CertificateArn: arn } = input
    if (arn !== undefined) return replace(arn, material, tags, call, ports)
    return add(material, tags, call, ports)
  }
}

export function describeCertificate(
  ports: AcmPorts,
): Operation<DescribeCertificateRequest, DescribeCertificateResponse> {
  return async ({ CertificateArn: arn = '' }, call) =>
    atomically(call.store, async (tx) => {
      const found = await findAcmCertificate(tx, arn, call)
      const users = await certificateUsers(tx, arn)
      const inUseBy = users.map((user) => loadBalancerArn(user, call.accountId))
      return { Certificate: certificateDetail(found, inUseBy, call, ports) }
    })
}

export const getCertificate: Operation<GetCertificateRequest, GetCertificateResponse> = async (
  { CertificateArn: arn = '' },
  call,
) => {
  const found = await findAcmCertificate(reader(call.store), arn, call)
  const content = found.kind === 'imported' ? found.record : found.issued
  if (content === null) throw requestInProgress(arn)
  const { body, chain } = content
  return { Certificate: body, ...(chain === null ? {} : { CertificateChain: chain }) }
}

/** Private keys do not leave again, whether they were imported or made here. */
export const exportCertificate: Operation<
  ExportCertificateRequest,
  ExportCertificateResponse
> = async ({ CertificateArn: arn = '' }, call) => {
  await findAcmCertificate(reader(call.store), arn, call)
  throw invalid(`Certificate ARN: ${arn} is not a private certificate`)
}

export const deleteCertificate: Operation<DeleteCertificateRequest> = async (
  { CertificateArn: arn = '' },
  call,
) => {
  await atomically(call.store, async (tx) => {
    const { key, record } = await findAcmCertificate(tx, arn, call)
    const users = await certificateUsers(tx, arn)
    if (users.length > 0) throw certificateInUse(arn, call.accountId)
    tx.delete(key)
    tx.delete(certificateKeys.ofAcm(call.region, record.id))
  })
  return {}
}

/** Bytes, of the model. */
const maxBody = 32_768
const maxChain = 2_097_152
const maxKey = 5120

function importViolations(input: ImportCertificateRequest): Violation[] {
  return [
    ...tooLong('certificate', input.Certificate, maxBody),
    ...tooLong('privateKey', input.PrivateKey, maxKey),
    ...tooLong('certificateChain', input.CertificateChain, maxChain),
  ]
}

/** Without the value, which is binary or secret. */
function tooLong(path: string, bytes: Uint8Array | undefined, most: number): Violation[] {
  if (bytes === undefined || bytes.byteLength <= most) return []
  return [{ path, rule: `Member must have length less than or equal to ${most}` }]
}

function text(bytes: Uint8Array | undefined): string {
  return Buffer.from(bytes ?? []).toString('utf8')
}

function add(
  material: Material,
  tags: readonly TagRecord[],
  call: Call,
  { box, quotas }: AcmPorts,
): Promise<ImportCertificateResponse> {
  const id = randomUUID()
  const arn = certificateArn(id, call)
  const key = certificateKeys.ofAcm(call.region, id)
  const now = new Date(call.clock.now()).toISOString()
  const record: ImportedRecord = {
    arn,
    id,
    createdTime: now,
    importedTime: now,
    tags: withTags([], tags, arn),
    ...sealMaterial(material, key, box),
  }
  return atomically(call.store, async (tx) => {
    await checkQuota(tx, call, quotas.certificates)
    tx.put(key, record)
    return { CertificateArn: arn }
  })
}

/** Reading all in the adding transaction is what holds the quota among concurrent imports and requests. */
export async function checkQuota(tx: Transaction, { region }: Call, limit: number): Promise<void> {
  const all = await listAcmCertificates(tx, region)
  if (all.length >= limit) throw tooManyCertificates()
}

function replace(
  arn: string,
  material: Material,
  tags: readonly TagRecord[],
  call: Call,
  { box }: AcmPorts,
): Promise<ImportCertificateResponse> {
  if (tags.length > 0) throw invalid('Tagging is not permitted on re-import.')
  return atomically(call.store, async (tx) => {
    const { kind, key, record } = await findAcmCertificate(tx, arn, call)
    if (kind === 'requested') throw invalid(`Certificate ${arn} was not imported`)
    const importedTime = new Date(call.clock.now()).toISOString()
    tx.put(key, { ...record, importedTime, ...sealMaterial(material, key, box) })
    return { CertificateArn: arn }
  })
}
