import type { Route } from '../../wire/routes.ts'
import { resourceRoutes } from '../resource.ts'
import type { ElbPorts } from '../scope.ts'
import { createCertificate, deleteCertificate, updateCertificate } from './certificates.ts'
import { certificateCreation, certificateUpdate } from './schema.ts'
import { certificateAnswer, certificateView } from './view.ts'

export function certificateRoutes(ports: ElbPorts): Route[] {
  return resourceRoutes(
    {
      title: 'Certificate',
      singular: 'certificate',
      plural: 'certificates',
      idName: 'certificate_id',
      path: 'certificates',
      table: ({ certificates }) => certificates,
      creation: certificateCreation,
      update: certificateUpdate,
      view: certificateView,
      answer: certificateAnswer,
      filterBy: [
        'id',
        'name',
        'description',
        'admin_state_up',
        'domain',
        'type',
        'common_name',
        'fingerprint',
        'scm_certificate_id',
      ],
      create: createCertificate,
      change: updateCertificate,
      remove: deleteCertificate,
    },
    ports,
  )
}
