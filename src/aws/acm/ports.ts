import type { SecretBox } from '../../std/secret-box.ts'

/** What ACM needs of its surroundings: given by the composition root. */
export interface AcmPorts {
  /** Seals the private keys of certificates. */
  readonly box: SecretBox
  readonly quotas: AcmQuotas
}

export interface AcmQuotas {
  /** In a region. */
  readonly certificates: number
}
