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
import { addTags, listTags, removeTags } from './tags.ts'

export function acmOperations(ports: AcmPorts): Readonly<Record<string, Operation>> {
  return {
    AddTagsToCertificate: addTags,
    DeleteCertificate: deleteCertificate,
    DescribeCertificate: describeCertificate,
    ExportCertificate: exportCertificate,
    GetCertificate: getCertificate,
    ImportCertificate: importCertificate(ports),
    ListCertificates: listCertificates,
    ListTagsForCertificate: listTags,
    RemoveTagsFromCertificate: removeTags,
  }
}
