/** What targets of an HTTP listener are told, in header fields, about the client and the way that its request came. */
export interface Forwarding {
  /** Fields that every request gets, in place of all that the client sent by the same names. */
  readonly set: readonly ForwardedField[]
  /** Names of further fields that clients cannot send: targets could take them for the load balancer's word. */
  readonly remove: readonly string[]
}

export interface ForwardedField {
  /** A token (RFC 9110, section 5.6.2), in the case of letters that targets are shown. */
  readonly name: string
  readonly value: ForwardedValue
}

export type ForwardedValue =
  | { readonly kind: 'fact'; readonly fact: RequestFact }
  /** The same for all requests, in Latin-1 without control characters. */
  | { readonly kind: 'text'; readonly text: string }

/** What is known of a request. A field whose fact there is none of is left out. */
export type RequestFact =
  /** The client's address, behind those that the field had already. */
  | 'client-addresses'
  | 'client-address'
  | 'client-port'
  | 'listener-port'
  /** `http` or `https`: what the client speaks. */
  | 'scheme'
  /** The host that the client asked for, with the port if it named one. */
  | 'host'
  /** `TLSv1.3` and so on. */
  | 'tls-protocol'
  /** OpenSSL's name. */
  | 'tls-cipher'
  /** {@link Certificate.name} of the one that the client was shown. None where it could be one of two for the same name. */
  | 'tls-certificate'
  /** Of the certificate that the client showed: PEM, percent-encoded. */
  | 'client-certificate'
  /** Distinguished names as RFC 2253 writes them. */
  | 'client-subject'
  | 'client-issuer'
  /** SHA-1 of the client's certificate, hexadecimal, lower case. */
  | 'client-fingerprint'
  /** Hexadecimal, upper case. */
  | 'client-serial'
  /** `SUCCESS` for a client that showed a certificate that was accepted, `NONE` for one without. */
  | 'client-verified'
  /** When the client's certificate ends: `Nov 21 15:00:00 2026 GMT`. */
  | 'client-not-after'
