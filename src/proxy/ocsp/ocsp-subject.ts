/**
 * Asking whether a certificate is revoked, and understanding the answer (RFC 6960). What is used of it is checked here: it is signed by the
 * certificate's issuer or by whom that lets sign, it is about this certificate, it says `good`, and its time is now.
 */
import { createHash, type KeyObject, verify, X509Certificate } from 'node:crypto'
import {
  BasicOCSPResponse,
  CertID,
  id_pkix_ocsp_basic,
  OCSPRequest,
  OCSPResponse,
  OCSPResponseStatus,
  Request,
  TBSRequest,
} from '@peculiar/asn1-ocsp'
import { AsnConvert, OctetString } from '@peculiar/asn1-schema'
import { AlgorithmIdentifier, Certificate } from '@peculiar/asn1-x509'

const sha1 = '1.3.14.3.2.26'
/** Extended key usage of those who sign in an issuer's place (section 4.2.2.2). */
const ocspSigning = '1.3.6.1.5.5.7.3.9'
/** An answer that does not say how long it is good is asked for again after an hour. */
const unsaidMs = 60 * 60 * 1000
/** Clocks differ. */
const toleranceMs = 5 * 60 * 1000

/** By the algorithm of the signature; null: it has its own. SHA-1 is not taken. */
const hashes: Readonly<Record<string, string | null>> = {
  '1.2.840.113549.1.1.11': 'sha256',
  '1.2.840.113549.1.1.12': 'sha384',
  '1.2.840.113549.1.1.13': 'sha512',
  '1.2.840.10045.4.3.2': 'sha256',
  '1.2.840.10045.4.3.3': 'sha384',
  '1.2.840.10045.4.3.4': 'sha512',
  '1.3.101.112': null,
}

/** A certificate that a responder can be asked about. */
export class OcspSubject {
  readonly url: string
  /** DER. */
  readonly request: Buffer
  readonly #id: CertID
  readonly #issuer: X509Certificate

  private constructor(url: string, certificate: X509Certificate, issuer: X509Certificate) {
    this.url = url
    this.#issuer = issuer
    this.#id = identify(certificate, issuer)
    const requestList = [new Request({ reqCert: this.#id })]
    const request = new OCSPRequest({ tbsRequest: new TBSRequest({ requestList }) })
    this.request = Buffer.from(AsnConvert.serialize(request))
  }

  /**
   * @param chain PEM
   * @throws Error where it names no responder that speaks HTTP, or lacks the issuer
   */
  static of(chain: string): OcspSubject {
    const [first, second] =
      chain.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
    if (first === undefined || second === undefined) {
      throw new Error('the chain has no issuer, whose certificate it takes to ask')
    }
    const certificate = new X509Certificate(first)
    const [, url] = /^OCSP - URI:(https?:\S+)$/m.exec(certificate.infoAccess ?? '') ?? []
    if (url === undefined) throw new Error('the certificate names no responder over HTTP')
    return new OcspSubject(url, certificate, new X509Certificate(second))
  }

  /**
   * @param now milliseconds since the epoch
   * @returns until when the answer can be shown, on the same scale
   * @throws Error that says why it cannot be used
   */
  judge(answer: Uint8Array, now: number): number {
    const { responseStatus, responseBytes } = AsnConvert.parse(answer, OCSPResponse)
    if (responseStatus !== OCSPResponseStatus.successful || responseBytes === undefined) {
      throw new Error(`the responder answered ${OCSPResponseStatus[responseStatus]}`)
    }
    if (responseBytes.responseType !== id_pkix_ocsp_basic) throw new Error('unknown kind of answer')
    const basic = AsnConvert.parse(responseBytes.response.buffer, BasicOCSPResponse)
    this.#checkSignature(basic)
    const single = basic.tbsResponseData.responses.find(({ certID }) => isSame(certID, this.#id))
    if (single === undefined) throw new Error('the answer is about another certificate')
    const { certStatus, thisUpdate, nextUpdate } = single
    if (certStatus.good === undefined) {
      throw new Error(certStatus.revoked === undefined ? 'unknown certificate' : 'it is revoked')
    }
    const until = nextUpdate?.getTime() ?? now + unsaidMs
    if (thisUpdate.getTime() > now + toleranceMs || until <= now) {
      throw new Error('the answer is of another time')
    }
    return until
  }

  #checkSignature(basic: BasicOCSPResponse): void {
    const hash = hashes[basic.signatureAlgorithm.algorithm]
    if (hash === undefined) {
      throw new Error(`signature algorithm ${basic.signatureAlgorithm.algorithm} is not taken`)
    }
    const data = Buffer.from(AsnConvert.serialize(basic.tbsResponseData))
    const signature = Buffer.from(basic.signature)
    const isGood = this.#signers(basic).some((key) => verify(hash, data, key, signature))
    if (!isGood) throw new Error('the signature is not the issuer’s')
  }

  /** The issuer, and those of the answer's certificates that it lets sign in its place. */
  #signers({ certs = [] }: BasicOCSPResponse): KeyObject[] {
    const { publicKey } = this.#issuer
    const delegates = certs
      .map((certificate) => new X509Certificate(Buffer.from(AsnConvert.serialize(certificate))))
      .filter((one) => one.verify(publicKey) && one.keyUsage?.includes(ocspSigning))
    return [publicKey, ...delegates.map((one) => one.publicKey)]
  }
}

function identify(certificate: X509Certificate, issuer: X509Certificate): CertID {
  const { tbsCertificate } = AsnConvert.parse(certificate.raw, Certificate)
  const issuerKey = AsnConvert.parse(issuer.raw, Certificate).tbsCertificate.subjectPublicKeyInfo
  return new CertID({
    hashAlgorithm: new AlgorithmIdentifier({ algorithm: sha1, parameters: null }),
    issuerNameHash: new OctetString(digest(AsnConvert.serialize(tbsCertificate.issuer))),
    issuerKeyHash: new OctetString(digest(issuerKey.subjectPublicKey)),
    serialNumber: tbsCertificate.serialNumber,
  })
}

/** Section 4.1.1 leaves the hash to who asks, and all responders know SHA-1 (RFC 5019, section 2.1.1). */
function digest(bytes: ArrayBuffer): Buffer {
  return createHash('sha1').update(Buffer.from(bytes)).digest()
}

function isSame(one: CertID, other: CertID): boolean {
  return (
    same(one.serialNumber, other.serialNumber) &&
    same(one.issuerKeyHash.buffer, other.issuerKeyHash.buffer) &&
    same(one.issuerNameHash.buffer, other.issuerNameHash.buffer)
  )
}

function same(one: ArrayBuffer, other: ArrayBuffer): boolean {
  return Buffer.from(one).equals(Buffer.from(other))
}
