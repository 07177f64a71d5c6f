/** What SNS needs of its surroundings: given by the composition root. */
export interface SnsPorts {
  readonly quotas: SnsQuotas
}

export interface SnsQuotas {
  /** In a region. */
  readonly topics: number
}
