import { validationName } from '../aws/acm/validation-names.ts'
import { type AcmeAuthority, Authorities } from '../issuance/authorities.ts'
import { CertificateIssuance } from '../issuance/certificate-issuance.ts'
import { Publication } from '../reconcile/publication.ts'
import type { Reconciler } from '../reconcile/reconciler.ts'
import type { StatusBoard } from '../reconcile/status-board.ts'
import type { Settings } from '../settings/settings.ts'
import type { Clock } from '../std/clock.ts'
import type { SecretBox } from '../std/secret-box.ts'
import type { Store } from '../store/store.ts'
import type { Logger } from '../telemetry/logger.ts'

export interface IssuanceParts {
  readonly store: Store
  readonly box: SecretBox
  readonly clock: Clock
  readonly logger: Logger
  readonly reconciler: Reconciler
  readonly board: StatusBoard
}

export interface Issuance extends Disposable {
  readonly authorities: Authorities
}

/** Begins to have requested certificates issued, by whom the settings say. */
export async function startIssuance(settings: Settings, parts: IssuanceParts): Promise<Issuance> {
  const { store, box, clock, logger } = parts
  const authorities = new Authorities({ store, box, clock, acme: acmeAuthority(settings, parts) })
  const issuer = () => authorities.issuer()
  const issuance = new CertificateIssuance({ store, box, clock, logger, issuer })
  await issuance.start()
  return { authorities, [Symbol.dispose]: () => issuance[Symbol.dispose]() }
}

function acmeAuthority(
  { acmeDirectory, acmeContact, acmeCaFile, accountId, dnsSuffix }: Settings,
  { reconciler, board, clock }: IssuanceParts,
): AcmeAuthority | null {
  if (acmeDirectory === undefined) return null
  const publication = new Publication(reconciler, board, clock)
  return {
    server: { directory: acmeDirectory, contact: acmeContact, caFile: acmeCaFile },
    validationName: (domain) => validationName(domain, accountId, dnsSuffix),
    shown: (revision, method) =>
      method === 'DNS' ? publication.inDns(revision) : publication.onListeners(revision),
  }
}
