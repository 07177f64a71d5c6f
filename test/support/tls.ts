import { randomUUID } from 'node:crypto'
import type { Certificate, ListenerTls } from '../../src/snapshot/snapshot.ts'
import {
  type CertificateAuthority,
  type ServerCertificate,
  type ServerCertificateOptions,
  selfSigned,
} from './certificate-authority.ts'

/** What `node:tls` takes. */
export function keyPair({ certificate, privateKey }: ServerCertificate) {
  return { cert: certificate, key: privateKey }
}

/** A certificate as a snapshot has it, with an id of its own; signed by itself unless there is an authority. */
export async function snapshotCertificate(
  options: ServerCertificateOptions = {},
  authority?: CertificateAuthority,
): Promise<Certificate> {
  const { certificate, privateKey } =
    authority === undefined ? await selfSigned(options) : await authority.server(options)
  return { id: randomUUID(), chain: certificate, key: privateKey }
}

/** A listener's settings that most clients get on with. */
export function usualTls(certificate: Certificate, change: Partial<ListenerTls> = {}): ListenerTls {
  return {
    certificate: certificate.id,
    sni: [],
    sniMatch: 'wildcard',
    policy: {
      protocols: ['TLSv1.2', 'TLSv1.3'],
      ciphers: [
        'TLS_AES_128_GCM_SHA256',
        'TLS_AES_256_GCM_SHA384',
        'ECDHE-ECDSA-AES128-GCM-SHA256',
        'ECDHE-RSA-AES128-GCM-SHA256',
      ],
      serverOrder: true,
    },
    clientCa: null,
    ...change,
  }
}
