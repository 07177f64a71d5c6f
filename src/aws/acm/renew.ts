import type { RenewCertificateRequest } from '@aws-sdk/client-acm'
import { atomically } from '../../store/transaction.ts'
import type { Operation } from '../wire/service.ts'
import { invalid, requestInProgress } from './errors.ts'
import { findAcmCertificate } from './records.ts'
import { requestKeys } from './request-records.ts'

/** Begins at once. ACM has it for exported certificates only; here it serves every certificate that was issued. */
export const renewCertificate: Operation<RenewCertificateRequest> = async (
  { CertificateArn: arn = '' },
  call,
) => {
  await atomically(call.store, async (tx) => {
    const found = await findAcmCertificate(tx, arn, call)
    if (found.kind === 'imported') {
      throw invalid(`Certificate ${arn} is not eligible for renewal: it was imported`)
    }
    const { record: request } = found
    const { state } = request
    if (state.kind === 'pending') throw requestInProgress(arn)
    if (state.kind !== 'issued') {
      throw invalid(`Certificate ${arn} is not eligible for renewal: it was not issued`)
    }
    const now = call.clock.now()
    const due = {
      ...state,
      attempts: { begun: 0, nextAt: now },
      renewal: { status: 'pending', updatedAt: now },
    }
    tx.put(requestKeys.of(call.region, request.id), { ...request, state: due })
  })
  return {}
}
