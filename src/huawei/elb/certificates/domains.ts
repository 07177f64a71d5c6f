/** The names that a server certificate is found by: the certificate itself may be for more. */
import { invalidInput } from '../../wire/errors.ts'
import type { CertificateRecord } from '../records.ts'

const maxDomains = 100

/** A label, or an asterisk in the first one's place, and further labels; each has at most 63 characters. */
const domainForm =
  /^(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/

/** In lower case. */
export function domainsOf({ domain }: Pick<CertificateRecord, 'domain'>): string[] {
  if (domain === null || domain.trim() === '') return []
  return domain.split(',').map((each) => each.trim().toLowerCase())
}

/**
 * @param names that the certificate is for
 * @throws HuaweiError ELB.8902 for a name that is malformed, or that the certificate is not for
 */
export function checkDomains(domain: string | null, names: readonly string[]): void {
  const domains = domainsOf({ domain })
  if (domains.length > maxDomains) {
    throw invalidInput(`Invalid input for 'domain': it has more than ${maxDomains} names`)
  }
  for (const each of domains) {
    if (!domainForm.test(each)) {
      throw invalidInput(`Invalid input for 'domain': '${each}' is not a domain name`)
    }
    if (!names.some((name) => covers(name.toLowerCase(), each))) {
      throw invalidInput(`Invalid input for 'domain': the certificate is not for '${each}'`)
    }
  }
}

function covers(name: string, domain: string): boolean {
  if (name === domain) return true
  return name.startsWith('*.') && !domain.startsWith('*.') && domain.endsWith(name.slice(1))
}
