/** Who may ask at all: by the signature, or, where none is asked for, everybody but the page of another site. */
import type { AccessKeys } from './access-keys.ts'
import { foreignPage } from './browser-guard.ts'
import type { Credential } from './credential.ts'
import { ApiError } from './errors.ts'
import type { AwsRequest } from './protocol.ts'
import { commonRules, verifySignature } from './sigv4.ts'

/** `none` serves requests without a signature, except those that another site's page sends; `ownNames` are host names of ours. */
export type Authentication =
  | { readonly kind: 'sigv4'; readonly keys: AccessKeys }
  | { readonly kind: 'none'; readonly ownNames: readonly string[] }

/**
 * @param now milliseconds since the epoch
 * @returns the key that the request was signed with; null where no signature is asked for
 * @throws ApiError
 */
export async function authenticate(
  request: AwsRequest,
  credential: Credential | null,
  auth: Authentication,
  now: number,
  rules = commonRules,
): Promise<Uint8Array | null> {
  if (auth.kind === 'none') {
    const reason = foreignPage(request.headers, auth.ownNames)
    if (reason === null) return null
    throw new ApiError(
      'AccessDenied',
      `Refused: no signatures are verified here, and ${reason}`,
      403,
    )
  }
  if (credential === null) {
    throw new ApiError('MissingAuthenticationToken', 'Request is missing Authentication Token', 403)
  }
  return verifySignature(request, credential, auth.keys, now, rules)
}

/** `us-west-2`, `us-gov-east-1`, `us-iso-west-1`, `eusc-de-east-1`. */
const regionName = /^[a-z]{2,4}(-[a-z]{2,10}){1,3}-\d{1,2}$/

export function isRegionName(region: string): boolean {
  return regionName.test(region)
}

/** @throws ApiError SignatureDoesNotMatch */
export function requireRegion(region: string): string {
  if (isRegionName(region)) return region
  throw new ApiError(
    'SignatureDoesNotMatch',
    `Credential should be scoped to a valid region, not '${region}'.`,
    403,
  )
}
