/** What a certificate that is handed in has to be, and what of it is stored. */
import { X509Certificate } from 'node:crypto'
import { certificateFacts } from '../../../certificates/facts.ts'
import { type Fault, keyAlgorithm, readMaterial } from '../../../certificates/material.ts'
import { pemBlocks } from '../../../certificates/pem.ts'
import { type HuaweiError, invalidCertificate } from '../../wire/errors.ts'
import type { CertificateRecord } from '../records.ts'
import { timestamp } from '../scope.ts'

/** The server's own certificate and the authorities. */
const maxChain = 11

type Facts = Pick<
  CertificateRecord,
  | 'certificate'
  | 'expire_time'
  | 'common_name'
  | 'fingerprint'
  | 'subject_alternative_names'
  | 'key_kind'
>

/** @throws HuaweiError ELB.5013 for the certificate, ELB.1011 for the private key */
export function readServerCertificate(
  text: string,
  privateKey: string,
): { facts: Facts; privateKey: string } {
  const blocks = certificateBlocks(text, 'ELB.5013')
  const [body = '', ...signers] = blocks
  const chain = signers.length > 0 ? signers.join('\n') : undefined
  const material = readMaterial({ body, chain, privateKey }, null, refusal)
  return { facts: factsOf(blocks), privateKey: material.privateKey }
}

/** Authorities that clients' certificates may come from. @throws HuaweiError ELB.5053 */
export function readClientCa(text: string): Facts {
  const blocks = certificateBlocks(text, 'ELB.5053')
  for (const block of blocks) {
    if (!parse(block, 'ELB.5053').ca) {
      throw invalidCertificate('ELB.5053', 'A CA certificate is needed: this one signs no others')
    }
  }
  return factsOf(blocks)
}

function certificateBlocks(text: string, code: string): string[] {
  const blocks = pemBlocks(text).filter(({ label }) => label === 'CERTIFICATE')
  if (blocks.length === 0) throw invalidCertificate(code, 'The certificate content is not PEM')
  if (blocks.length > maxChain) {
    throw invalidCertificate(code, `The certificate content has more than ${maxChain} certificates`)
  }
  return blocks.map((block) => block.text)
}

function parse(block: string, code: string): X509Certificate {
  try {
    return new X509Certificate(block)
  } catch {
    throw invalidCertificate(code, 'The certificate content is malformed')
  }
}

function factsOf(blocks: readonly string[]): Facts {
  const [own = ''] = blocks
  const { domainName, names, notAfter } = certificateFacts(own)
  const { fingerprint, publicKey } = parse(own, 'ELB.5013')
  return {
    certificate: blocks.join('\n'),
    expire_time: timestamp(notAfter.getTime()),
    common_name: domainName ?? '',
    fingerprint: fingerprint.replaceAll(':', '').toLowerCase(),
    subject_alternative_names: names,
    key_kind: keyAlgorithm(publicKey).startsWith('RSA') ? 'RSA' : 'ECC',
  }
}

const certificateFault = (message: string) => invalidCertificate('ELB.5013', message)
const keyFault = (message: string) => invalidCertificate('ELB.1011', message)

function refusal(fault: Fault): HuaweiError {
  switch (fault.kind) {
    case 'key-malformed':
      return keyFault('The private key content is not one private key in PEM')
    case 'key-encrypted':
      return keyFault('The private key is encrypted')
    case 'key-of-another-certificate':
      return keyFault('The private key is not that of the certificate')
    case 'key-unsupported':
      return keyFault(`Keys of kind ${fault.found} are not supported`)
    case 'chain-broken':
      return certificateFault('Each certificate has to be signed by the next one')
    default:
      return certificateFault('The certificate content is malformed')
  }
}
