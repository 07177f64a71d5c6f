import { X509Certificate } from 'node:crypto'
import type { CertificateStatus } from '@aws-sdk/client-acm'
import type { AcmCertificate } from './records.ts'

/** @param now milliseconds since the epoch */
export function certificateStatus(found: AcmCertificate, now: number): CertificateStatus {
  if (found.kind === 'imported') {
    return statusUntil(new X509Certificate(found.record.body).validToDate.getTime(), now)
  }
  const { state } = found.record
  switch (state.kind) {
    case 'pending':
      return 'PENDING_VALIDATION'
    case 'issued':
      return statusUntil(state.notAfter, now)
    case 'failed':
      return 'FAILED'
    case 'timed-out':
      return 'VALIDATION_TIMED_OUT'
  }
}

function statusUntil(notAfter: number, now: number): CertificateStatus {
  return notAfter < now ? 'EXPIRED' : 'ISSUED'
}
