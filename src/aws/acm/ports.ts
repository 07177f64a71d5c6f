import type { SecretBox } from '../../std/secret-box.ts'

/** What ACM needs of its surroundings: given by the composition root. */
export interface AcmPorts {
  /** Seals the private keys of certificates. */
  readonly box: SecretBox
  readonly quotas: AcmQuotas
  /** Domain names that authorities are led to end in `.acm-validations.SUFFIX`, e.g. `weir.internal`. */
  readonly dnsSuffix: string
}

export interface AcmQuotas {
  /** In a region. */
  readonly certificates: number
  /** Of one that is requested. */
  readonly namesPerCertificate: number
}
