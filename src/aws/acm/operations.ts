import type { Operation } from '../wire/service.ts'
import {
  deleteCertificate,
  describeCertificate,
  exportCertificate,
  getCertificate,
  importCertificate,
} from './certificates.ts'
import { listCertificates } from './list.ts'
import type { AcmPorts } from './ports.ts'
import { renewCertificate } from './renew.ts'
import { requestCertificate } from './request.ts'
import {
  addTags,
  listResourceTags,
  listTags,
  removeTags,
  tagResource,
  untagResource,
} from './tags.ts'

export function acmOperations(ports: AcmPorts): Readonly<Record<string, Operation>> {
  return {
    AddTagsToCertificate: addTags,
    DeleteCertificate: deleteCertificate,
    DescribeCertificate: describeCertificate(ports),
    ExportCertificate: exportCertificate,
    GetCertificate: getCertificate,
    ImportCertificate: importCertificate(ports),
    ListCertificates: listCertificates(ports),
    ListTagsForCertificate: listTags,
    ListTagsForResource: listResourceTags,
    RemoveTagsFromCertificate: removeTags,
    RenewCertificate: renewCertificate,
    RequestCertificate: requestCertificate(ports),
    TagResource: tagResource,
    UntagResource: untagResource,
  }
}
