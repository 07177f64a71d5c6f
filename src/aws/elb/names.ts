import { validationError } from '../wire/errors.ts'
import { invalidConfiguration } from './errors.ts'

/** "can have a maximum of 32 characters" (guide, page 47). */
const maxNameLength = 32

/** Names that begin so belong to the predefined policies (guide, page 55). */
const reservedPrefixes = ['ELBSecurityPolicy-', 'ELBSample-']

/** @throws ApiError ValidationError */
export function checkLoadBalancerName(name: string): void {
  if (name === '') throw validationError('Loadbalancer name must not be empty')
  if (name.length > maxNameLength) {
    throw validationError(`Loadbalancer name '${name}' is longer than ${maxNameLength} characters`)
  }
  if (!/^[A-Za-z0-9-]+$/.test(name)) {
    throw validationError('Loadbalancer name must contain only alphanumeric characters or hyphens')
  }
  if (name.startsWith('-') || name.endsWith('-')) {
    throw validationError('Loadbalancer name cannot begin or end with a hyphen')
  }
}

/** @throws ApiError ValidationError, or InvalidConfigurationRequest when the name is reserved */
export function checkPolicyName(name: string): void {
  if (!/^[A-Za-z0-9-]+$/.test(name)) {
    throw validationError(
      'Policy name cannot contain characters that are not letters, or digits or the dash.',
    )
  }
  const reserved = reservedPrefixes.find((prefix) => name.startsWith(prefix))
  if (reserved !== undefined) {
    throw invalidConfiguration(
      `Policy name ${name} begins with ${reserved}, which is reserved for predefined policies`,
    )
  }
}
