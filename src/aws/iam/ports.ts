import type { SecretBox } from '../../std/secret-box.ts'

/** What IAM needs of its surroundings: given by the composition root. */
export interface IamPorts {
  /** Seals the private keys of server certificates. */
  readonly box: SecretBox
  readonly quotas: IamQuotas
}

export interface IamQuotas {
  readonly serverCertificates: number
}
