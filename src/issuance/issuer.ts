/** Who signs certificates. */
import type { FailureReason, RequestRecord } from '../aws/acm/request-records.ts'

/** What an issuer has to know of a request. */
export type Application = Pick<RequestRecord, 'id' | 'names' | 'keyAlgorithm' | 'validationMethod'>

/** PEM, each. */
export interface IssuedCertificate {
  readonly body: string
  /** The certificates that sign it, the nearest first; null when its issuer is a root. */
  readonly chain: string | null
  /** PKCS #8, not encrypted. Secret. */
  readonly privateKey: string
}

export interface Issuer {
  /**
   * Validates the names where that is asked of it, makes a key and has a certificate signed for it.
   * @throws RefusedApplication when trying again would not help; any other error may pass
   */
  issue(application: Application): Promise<IssuedCertificate>
}

/** The authority will never issue that certificate. */
export class RefusedApplication extends Error {
  override readonly name = 'RefusedApplication'
  readonly reason: FailureReason

  constructor(reason: FailureReason, message: string, options?: ErrorOptions) {
    super(message, options)
    this.reason = reason
  }
}
