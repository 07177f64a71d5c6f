import type { Operation } from '../wire/service.ts'
import { getUser } from './get-user.ts'
import type { IamPorts } from './ports.ts'
import {
  listServerCertificateTags,
  tagServerCertificate,
  untagServerCertificate,
} from './server-certificate-tags.ts'
import {
  deleteServerCertificate,
  getServerCertificate,
  listServerCertificates,
  updateServerCertificate,
  uploadServerCertificate,
} from './server-certificates.ts'

/** Who the caller is, and server certificates. */
export function iamOperations(ports: IamPorts): Readonly<Record<string, Operation>> {
  return {
    DeleteServerCertificate: deleteServerCertificate,
    GetServerCertificate: getServerCertificate,
    GetUser: getUser,
    ListServerCertificateTags: listServerCertificateTags,
    ListServerCertificates: listServerCertificates,
    TagServerCertificate: tagServerCertificate,
    UntagServerCertificate: untagServerCertificate,
    UpdateServerCertificate: updateServerCertificate(ports),
    UploadServerCertificate: uploadServerCertificate(ports),
  }
}
