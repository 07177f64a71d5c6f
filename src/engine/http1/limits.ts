/** How large a message may be. A request beyond a limit is refused, a response beyond one is taken for malformed. */

/** Those that are set at start: bytes. */
export interface HttpLimits {
  /** Of a request line or status line. */
  readonly startLine: number
  /** Of one header line. */
  readonly headerLine: number
  /** Of all header lines of a head. */
  readonly headers: number
  /** Of requests that are held until their turn (pipelining); reading stops beyond. More than the largest head has. */
  readonly pipelined: number
}

/** Those of heads are AWS's quotas for HTTP headers. The settings that set them have the same defaults. */
export const defaultLimits: HttpLimits = {
  startLine: 16_384,
  headerLine: 16_384,
  headers: 65_536,
  pipelined: 131_072,
}

/** A longer method is answered 405 (Classic Load Balancer guide, p. 112). */
export const maxMethod = 127
/**
 * Lines of a head that desync mitigation has to judge: that costs far more a line than reading does. More than any client sends;
 * http-desync-guardian's own largest has 400.
 */
export const maxJudgedLines = 1000
/** Digits of a Content-Length: 15 stay an exact number (2^53 has 16). */
export const maxLengthDigits = 15
/** Hex digits of a chunk size: 12 are 256 TiB, and an exact number. */
export const maxChunkSizeDigits = 12
/** Bytes of one chunk's extensions. Nobody uses them but attackers (RFC 9112, section 7.1.1, asks for a limit). */
export const maxChunkExtension = 4096
/** Bytes of a body's trailer section. */
export const maxTrailers = 16_384
