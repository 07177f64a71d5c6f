/** Names, ARNs and prefixes of trails, as the API takes them. */
import { invalidArn, invalidPrefix, invalidTrailName } from './errors.ts'

const minName = 3
const maxName = 128
/** "The maximum length is 200 characters" (API reference, S3KeyPrefix). */
const maxPrefix = 200

/** @throws ApiError InvalidTrailNameException ("Trail names must meet the following requirements") */
export function checkTrailName(name: string): void {
  if (name.length < minName) {
    throw invalidTrailName(
      `Trail name too short. Minimum allowed length: ${minName} characters. Specified name length: ${name.length} characters.`,
    )
  }
  if (name.length > maxName) {
    throw invalidTrailName(
      `Trail name too long. Maximum allowed length: ${maxName} characters. Specified name length: ${name.length} characters.`,
    )
  }
  if (!/^[\w.-]+$/.test(name)) {
    throw invalidTrailName(
      'Trail name or ARN can only contain uppercase letters, lowercase letters, numbers, periods (.), hyphens (-), and underscores (_).',
    )
  }
  if (!/^[a-zA-Z0-9]/.test(name)) {
    throw invalidTrailName('Trail name must starts with a letter or number.')
  }
  if (!/[a-zA-Z0-9]$/.test(name)) {
    throw invalidTrailName('Trail name must ends with a letter or number.')
  }
  if (/[._-]{2}/.test(name)) {
    throw invalidTrailName(
      `Trail name '${name}' must not have adjacent periods, underscores or dashes`,
    )
  }
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(name)) {
    throw invalidTrailName(`Trail name '${name}' must not look like an IP address`)
  }
}

export function trailArn(region: string, accountId: string, name: string): string {
  return `arn:aws:cloudtrail:${region}:${accountId}:trail/${name}`
}

/** Which trail a request is about. */
export interface NamedTrail {
  readonly region: string
  readonly name: string
}

/**
 * From a name, which is one of the call's own region, or an ARN.
 * @throws ApiError InvalidTrailNameException, CloudTrailARNInvalidException
 */
export function namedTrail(nameOrArn: string, region: string): NamedTrail {
  if (nameOrArn.startsWith('arn:')) return trailOfArn(nameOrArn)
  checkTrailName(nameOrArn)
  return { region, name: nameOrArn }
}

/** @throws ApiError CloudTrailARNInvalidException */
export function trailOfArn(arn: string): NamedTrail {
  const match = /^arn:aws[\w-]*:cloudtrail:([\w-]+):\d{12}:trail\/([\w.-]{3,128})$/.exec(arn)
  if (match === null) throw invalidArn(arn)
  const [, region = '', name = ''] = match
  return { region, name }
}

/** @returns the prefix without a slash at its end. @throws ApiError InvalidS3PrefixException */
export function requestedPrefix(prefix: string): string {
  if (prefix.length > maxPrefix || !/^[ -~]*$/.test(prefix)) throw invalidPrefix(prefix, maxPrefix)
  return prefix.replace(/\/+$/, '')
}
