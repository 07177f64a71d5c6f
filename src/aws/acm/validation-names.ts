/** The names at which an authority looks for a domain's proof, when it looks in DNS (RFC 8555, section 8.4). */
import { createHash } from 'node:crypto'

/** The zone of Weir's own that operators point `_acme-challenge` names to. */
export function validationZone(dnsSuffix: string): string {
  return `acm-validations.${dnsSuffix}`
}

/** Where the authority looks. @param domain `*.example.com` is validated as `example.com`. Also `example.com` */
export function challengeName(domain: string): string {
  return `_acme-challenge.${domain.replace(/^\*\./, '')}`.toLowerCase()
}

/**
 * Where a CNAME record at {@link challengeName} has to point. One domain has one name for good, so that the record is made once
 * for all its certificates and their renewals, as with ACM.
 */
export function validationName(domain: string, accountId: string, dnsSuffix: string): string {
  const digest = createHash('sha256')
    .update(`${accountId} ${challengeName(domain)}`)
    .digest('hex')
  return `_${digest.slice(0, 32)}.${validationZone(dnsSuffix)}`
}
