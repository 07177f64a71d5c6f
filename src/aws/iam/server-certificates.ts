import type {
  DeleteServerCertificateRequest,
  GetServerCertificateRequest,
  GetServerCertificateResponse,
  ListServerCertificatesRequest,
  ListServerCertificatesResponse,
  ServerCertificateMetadata,
  UpdateServerCertificateRequest,
  UploadServerCertificateRequest,
  UploadServerCertificateResponse,
} from '@aws-sdk/client-iam'
import { type Material, readMaterial } from '../../certificates/material.ts'
import { atomically, reader, type Transaction } from '../../store/transaction.ts'
import { certificateKeys, sealMaterial } from '../certificates/records.ts'
import { certificateUsers, followCertificate, loadBalancerArn } from '../elb/certificate-users.ts'
import {
  check,
  checkSecret,
  maxLength,
  minLength,
  reject,
  type Violation,
} from '../wire/constraints.ts'
import { page } from '../wire/paging.ts'
import type { Call, Operation } from '../wire/service.ts'
import {
  certificateName,
  certificatePath,
  pageOf,
  pageViolations,
  pathPrefix,
} from './constraints.ts'
import {
  certificateExists,
  certificateInUse,
  tooManyCertificates,
  unusableMaterial,
} from './errors.ts'
import type { IamPorts } from './ports.ts'
import {
  findServerCertificate,
  newServerCertificateId,
  type ServerCertificateRecord,
  serverCertificateArn,
} from './server-certificate-records.ts'
import { requestedTags, tagViews } from './server-certificate-tags.ts'

export function uploadServerCertificate({
  box,
  quotas,
}: IamPorts): Operation<UploadServerCertificateRequest, UploadServerCertificateResponse> {
  return async (input, call) => {
    reject(uploadViolations(input))
    const tags = requestedTags(input.Tags)
    const sent = {
      body: input.CertificateBody ?? '',
      chain: input.CertificateChain,
      privateKey: input.PrivateKey ?? '',
    }
    const material = readMaterial(sent, call.clock.now(), unusableMaterial)
    const record = newRecord(input, call, material, tags)
    const key = certificateKeys.ofIam(record.name)
    const sealed = { ...record, ...sealMaterial(material, key, box) }
    await atomically(call.store, async (tx) => {
      await requireFreeName(tx, record.name)
      const others = await tx.list(certificateKeys.allOfIam)
      if (others.length >= quotas.serverCertificates) {
        throw tooManyCertificates(quotas.serverCertificates)
      }
      tx.put(key, sealed)
    })
    return { ServerCertificateMetadata: metadata(sealed), Tags: tagViews(tags) }
  }
}

export const getServerCertificate: Operation<
  GetServerCertificateRequest,
  GetServerCertificateResponse
> = async ({ ServerCertificateName: name }, { store }) => {
  reject(check('serverCertificateName', name, ...certificateName))
  const record = await findServerCertificate(reader(store), name ?? '')
  return {
    ServerCertificate: {
      ServerCertificateMetadata: metadata(record),
      CertificateBody: record.body,
      ...(record.chain === null ? {} : { CertificateChain: record.chain }),
      Tags: tagViews(record.tags),
    },
  }
}

export const listServerCertificates: Operation<
  ListServerCertificatesRequest,
  ListServerCertificatesResponse
> = async (input, { store }) => {
  const { PathPrefix: prefix = '/' } = input
  reject([...check('pathPrefix', prefix, ...pathPrefix), ...pageViolations(input)])
  const all = await reader(store).list<ServerCertificateRecord>(certificateKeys.allOfIam)
  const wanted = all.filter(({ path }) => path.startsWith(prefix))
  const { items, nextMarker } = page(wanted, ({ name }) => name, pageOf(input))
  return {
    ServerCertificateMetadataList: items.map(metadata),
    IsTruncated: nextMarker !== undefined,
    ...(nextMarker === undefined ? {} : { Marker: nextMarker }),
  }
}

/** A new name or path is a new ARN. Listeners that use the certificate go on with it, where AWS leaves them an ARN of nothing. */
export function updateServerCertificate({
  box,
}: IamPorts): Operation<UpdateServerCertificateRequest> {
  return async (input, call) => {
    const { ServerCertificateName: name, NewServerCertificateName, NewPath } = input
    reject([
      ...check('serverCertificateName', name, ...certificateName),
      ...check('newServerCertificateName', NewServerCertificateName, ...certificateName),
      ...check('newPath', NewPath, ...certificatePath),
    ])
    await atomically(call.store, async (tx) => {
      const record = await findServerCertificate(tx, name ?? '')
      const changed = {
        name: NewServerCertificateName ?? record.name,
        path: NewPath ?? record.path,
      }
      const arn = serverCertificateArn(call.accountId, changed.path, changed.name)
      if (arn === record.arn) return
      const [from, to] = [record.name, changed.name].map(certificateKeys.ofIam) as [string, string]
      if (to !== from) await requireFreeName(tx, changed.name)
      await followCertificate(tx, record.arn, arn)
      tx.delete(from)
      const sealedKey = box.seal(box.open(record.sealedKey, from), to)
      tx.put(to, { ...record, ...changed, arn, sealedKey })
    })
    return {}
  }
}

export const deleteServerCertificate: Operation<DeleteServerCertificateRequest> = async (
  { ServerCertificateName: name },
  { store, accountId },
) => {
  reject(check('serverCertificateName', name, ...certificateName))
  await atomically(store, async (tx) => {
    const { arn, id } = await findServerCertificate(tx, name ?? '')
    const [user] = await certificateUsers(tx, arn)
    if (user !== undefined) throw certificateInUse(id, loadBalancerArn(user, accountId))
    tx.delete(certificateKeys.ofIam(name ?? ''))
  })
  return {}
}

/** Lengths of the model. */
const maxBody = 16_384
const maxChain = 2_097_152

function uploadViolations(input: UploadServerCertificateRequest): Violation[] {
  return [
    ...check('serverCertificateName', input.ServerCertificateName, ...certificateName),
    ...check('path', input.Path, ...certificatePath),
    ...check('certificateBody', input.CertificateBody, minLength(1), maxLength(maxBody)),
    ...checkSecret('privateKey', input.PrivateKey, minLength(1), maxLength(maxBody)),
    ...check('certificateChain', input.CertificateChain, minLength(1), maxLength(maxChain)),
  ]
}

function newRecord(
  { ServerCertificateName: name = '', Path: path = '/' }: UploadServerCertificateRequest,
  { accountId, clock }: Call,
  { certificate }: Material,
  tags: ServerCertificateRecord['tags'],
) {
  return {
    name,
    path,
    arn: serverCertificateArn(accountId, path, name),
    id: newServerCertificateId(),
    uploadedTime: new Date(clock.now()).toISOString(),
    expires: certificate.validToDate.toISOString(),
    tags,
  }
}

async function requireFreeName(tx: Transaction, name: string): Promise<void> {
  const existing = await tx.get(certificateKeys.ofIam(name))
  if (existing !== undefined) throw certificateExists(name)
}

function metadata(record: ServerCertificateRecord): ServerCertificateMetadata {
  return {
    Path: record.path,
    ServerCertificateName: record.name,
    ServerCertificateId: record.id,
    Arn: record.arn,
    UploadDate: new Date(record.uploadedTime),
    Expiration: new Date(record.expires),
  }
}
