/** What clients are answered when no target does, or their request is refused, where the guides differ. */
import type { ErrorAnswers } from '../../snapshot/snapshot.ts'
import type { Route } from '../routing/route.ts'
import { hasUnknownCoding } from './body-length.ts'
import { type ErrorStatus, errorAnswer, type OwnAnswer } from './own-answers.ts'
import type { RequestHead } from './request-head.ts'
import type { TargetFailure } from './target-connection.ts'

/** How the last target failed that was tried. `silent`: it did not answer in time. */
export type Failure = TargetFailure | 'silent'

/** Classic Load Balancers' (guide, p. 112–114). */
export const usualErrors: ErrorAnswers = {
  refused: 503,
  lost: 504,
  headersTooLarge: 431,
  unknownCoding: 400,
  routerCode: false,
}

export function failureStatus(failure: Failure, errors: ErrorAnswers): ErrorStatus {
  switch (failure) {
    case 'not-connected':
      return errors.refused
    case 'closed':
      return errors.lost
    default:
      return 504
  }
}

/** No target takes traffic. @param ruled a rule chose the route */
export function nobodyAnswer(route: Route, ruled: boolean, errors: ErrorAnswers): OwnAnswer {
  if (!errors.routerCode) return errorAnswer(503)
  const whoseEmpty = ruled ? 40001 : 40000
  return errorAnswer(503, `x-router-code: ${route.empty ? whoseEmpty : 50000}\r\n`)
}

export function refusalStatus(head: RequestHead, errors: ErrorAnswers): ErrorStatus {
  const { status, transferEncoding } = head
  if (status === 431) return errors.headersTooLarge
  // RFC 9112, section 6.1.
  return status === 400 && hasUnknownCoding(transferEncoding) ? errors.unknownCoding : status
}
