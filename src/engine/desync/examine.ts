/** What becomes of a request that is not plainly compliant: its classification, and how it is passed on. */
import type { DesyncMode } from '../../snapshot/snapshot.ts'
import { isHostText } from '../http1/characters.ts'
import { maxJudgedLines, maxMethod } from '../http1/limits.ts'
import { isTargetOf } from '../http1/request-target.ts'
import { canonicalHead, canonicalUri, canonicalVersion } from './canonical-head.ts'
import { type Classification, compliant, type Reason, Ruling } from './classification.ts'
import { classify } from './classify.ts'
import { parseHead } from './parse-head.ts'
import { type ParsedRequest, withoutBlanks } from './parsed-request.ts'

export interface Examined {
  readonly classification: Classification
  /** The head to be read in its place; null when it is not served in any mode. */
  readonly canonical: string | null
  /** How it is answered when it is not served. */
  readonly status: 400 | 405
}

/** @param text a whole head as latin1, with the empty line that ends it */
export function examine(text: string): Examined {
  const lines = text.split('\n')
  // Not judged at all, and so not counted: a limit, as that of the head's size.
  if (lines.length > maxJudgedLines)
    return { classification: compliant, canonical: null, status: 400 }
  const { request, findings } = parseHead(lines)
  const ruling = new Ruling(classify(request, findings).classification)
  const unserved = unservable(request)
  if (unserved !== null) ruling.add(unserved)
  const { classification } = ruling
  const served = unserved === null && request.method !== 'CONNECT'
  return {
    classification,
    canonical: served ? canonicalHead(request, classification) : null,
    status: request.method.length > maxMethod ? 405 : 400,
  }
}

/** Whether a mode passes on what is classified so (guide, p. 84). */
export function passesOn(mode: DesyncMode, { tier }: Classification): boolean {
  switch (mode) {
    case 'monitor':
      return true
    case 'strictest':
      return tier === 'Compliant'
    default:
      return tier !== 'Severe'
  }
}

/** What HTTP forbids to serve and http-desync-guardian does not look at (RFC 9112, sections 3.2 and 3.2.4). */
function unservable({ method, uri, version, headers }: ParsedRequest): Reason | null {
  const hosts = headers.filter(({ name }) => withoutBlanks(name).toLowerCase() === 'host')
  if (hosts.length === 0 && canonicalVersion(version) === 'HTTP/1.1') return 'MissingHost'
  if (hosts.length > 1) return 'MultipleHost'
  if (hosts.some(({ value }) => !isHostText(withoutBlanks(value)))) return 'BadHost'
  return isTargetOf(method, canonicalUri(uri)) ? null : 'UnknownUriForm'
}
