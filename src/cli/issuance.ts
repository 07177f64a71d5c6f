import { validationName } from '../aws/acm/validation-names.ts'
import { type AcmeAuthority, Authorities } from '../issuance/authorities.ts'
import { CertificateIssuance } from '../issuance/certificate-issuance.ts'
import { Publication } from '../reconcile/publication.ts'
import type { Reconciler } from '../reconcile/reconciler.ts'
import type { Foundation } from './foundation.ts'

export interface Issuance extends Disposable {
  readonly authorities: Authorities
}

/** Begins to have requested certificates issued, by whom the settings say. */
export async function startIssuance(
  foundation: Foundation,
  reconciler: Reconciler,
): Promise<Issuance> {
  const { store, box, clock, logger } = foundation
  const acme = acmeAuthority(foundation, reconciler)
  const authorities = new Authorities({ store, box, clock, acme })
  const issuer = () => authorities.issuer()
  const issuance = new CertificateIssuance({ store, box, clock, logger, issuer })
  await issuance.start()
  return { authorities, [Symbol.dispose]: () => issuance[Symbol.dispose]() }
}

function acmeAuthority(
  { settings, board, clock }: Foundation,
  reconciler: Reconciler,
): AcmeAuthority | null {
  const { acmeDirectory, acmeContact, acmeCaFile, accountId, dnsSuffix } = settings
  if (acmeDirectory === undefined) return null
  const publication = new Publication(reconciler, board, clock)
  return {
    server: { directory: acmeDirectory, contact: acmeContact, caFile: acmeCaFile },
    validationName: (domain) => validationName(domain, accountId, dnsSuffix),
    shown: (revision, method) =>
      method === 'DNS' ? publication.inDns(revision) : publication.onListeners(revision),
  }
}
