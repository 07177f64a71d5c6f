/**
 * SSL negotiation policies. What a client sends (a reference to a predefined policy, or switches) is stored as the reference, if
 * any, and the switches that are on, in AWS's order; described, every switch is there, on or off.
 */
import type { PolicyAttribute } from '@aws-sdk/client-elastic-load-balancing'
import { invalidConfiguration } from './errors.ts'
import type { PolicyAttributeRecord } from './records.ts'
import {
  defaultSslPolicy,
  findPredefinedSslPolicy,
  type PredefinedSslPolicy,
  sslCiphers,
  sslProtocols,
  sslSwitches,
} from './ssl-policies.ts'

export const referenceAttribute = 'Reference-Security-Policy'

/**
 * @param sent attributes whose names and value types are known to be right
 * @throws ApiError InvalidConfigurationRequest
 */
export function sslPolicyAttributes(
  sent: readonly PolicyAttributeRecord[],
): PolicyAttributeRecord[] {
  const reference = sent.find(({ name }) => name === referenceAttribute)
  const switches = sent.filter(({ name }) => name !== referenceAttribute)
  if (reference !== undefined) return referring(reference.value, switches)
  if (switches.length === 0) return switchedOn(predefined(defaultSslPolicy).enabled)
  const enabled = namesOf(switches, 'true')
  checkUsable(enabled)
  return switchedOn(enabled)
}

/** The stored attributes with every switch that they leave out. */
export function describedSslAttributes(
  stored: readonly PolicyAttributeRecord[],
): PolicyAttribute[] {
  const reference = stored.find(({ name }) => name === referenceAttribute)
  const enabled = new Set(stored.map(({ name }) => name))
  return [
    ...(reference ? [{ AttributeName: referenceAttribute, AttributeValue: reference.value }] : []),
    ...sslSwitches.map((name) => ({
      AttributeName: name,
      AttributeValue: String(enabled.has(name)),
    })),
  ]
}

export function switchedOn(names: Iterable<string>): PolicyAttributeRecord[] {
  const enabled = new Set(names)
  return sslSwitches.filter((name) => enabled.has(name)).map((name) => ({ name, value: 'true' }))
}

/** Switches beside a reference may only repeat it: a description that is sent back is right, a contradiction is not. */
function referring(
  name: string,
  switches: readonly PolicyAttributeRecord[],
): PolicyAttributeRecord[] {
  const { enabled } = predefined(name)
  const contradiction =
    namesOf(switches, 'true').find((on) => !enabled.includes(on)) ??
    namesOf(switches, 'false').find((off) => enabled.includes(off))
  if (contradiction !== undefined) {
    throw invalidConfiguration(
      `Policy attribute ${contradiction} contradicts ${referenceAttribute} ${name}`,
    )
  }
  return [{ name: referenceAttribute, value: name }, ...switchedOn(enabled)]
}

function predefined(name: string): PredefinedSslPolicy {
  const found = findPredefinedSslPolicy(name)
  if (found === undefined) {
    throw invalidConfiguration(`There is no predefined security policy with name ${name}`)
  }
  return found
}

/** "you must enable at least one protocol and one cipher" (guide, page 55). */
function checkUsable(enabled: readonly string[]): void {
  if (!enabled.some((name) => sslProtocols.includes(name))) {
    throw invalidConfiguration('An SSL negotiation policy must enable at least one protocol')
  }
  if (!enabled.some((name) => sslCiphers.includes(name))) {
    throw invalidConfiguration('An SSL negotiation policy must enable at least one cipher')
  }
}

function namesOf(attributes: readonly PolicyAttributeRecord[], value: string): string[] {
  return attributes
    .filter((attribute) => attribute.value.toLowerCase() === value)
    .map(({ name }) => name)
}
