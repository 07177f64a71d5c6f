import { X509Certificate } from 'node:crypto'
import type { Listener } from '@aws-sdk/client-elastic-load-balancing'
import { keyAlgorithm } from '../../certificates/material.ts'
import type { Transaction } from '../../store/transaction.ts'
import { type CertificateRecord, findCertificate } from '../certificates/records.ts'
import { atLeast, atMost, check, reject } from '../wire/constraints.ts'
import { validationError } from '../wire/errors.ts'
import type { Call } from '../wire/service.ts'
import { certificateNotFound, invalidConfiguration, unsupportedProtocol } from './errors.ts'
import type { ElbPorts } from './ports.ts'
import { isHttp, isSecure } from './protocols.ts'
import type { ListenerRecord, ProtocolName } from './records.ts'
import { defaultSslPolicy } from './ssl-policies.ts'

const protocols: readonly ProtocolName[] = ['HTTP', 'HTTPS', 'TCP', 'SSL']

/**
 * The listeners that a request asks for (guide, "Listener configurations for Classic Load Balancers"). Whether there are the certificates
 * that they name is for {@link checkCertificates}.
 * @throws ApiError ValidationError, UnsupportedProtocol, InvalidConfigurationRequest
 */
export function requestedListeners(listeners: readonly Listener[] | undefined): ListenerRecord[] {
  if (!listeners?.length) throw validationError('Listeners cannot be empty')
  checkMembers(listeners)
  return listeners.map(listenerRecord)
}

/**
 * Read in the transaction that makes the listeners, a certificate cannot be deleted meanwhile.
 * @throws ApiError CertificateNotFound, InvalidConfigurationRequest
 */
export async function checkCertificates(
  tx: Transaction,
  listeners: readonly ListenerRecord[],
  { region }: Call,
): Promise<void> {
  for (const arn of new Set(listeners.map(({ certificateArn }) => certificateArn))) {
    if (arn === null) continue
    const certificate = await findCertificate(tx, arn, region)
    if (certificate === undefined) throw certificateNotFound(arn)
    checkIntegration(certificate)
  }
}

/**
 * "You cannot install certificates with 4096-bit RSA keys or EC keys on your load balancer through integration with ACM" (guide, page 40).
 * @throws ApiError InvalidConfigurationRequest
 */
function checkIntegration({ arn, body }: CertificateRecord): void {
  if (!arn.startsWith('arn:aws:acm:')) return
  const algorithm = keyAlgorithm(new X509Certificate(body).publicKey)
  if (algorithm !== 'RSA_4096' && !algorithm.startsWith('EC')) return
  throw invalidConfiguration(
    `Certificate ${arn} has a key of the kind ${algorithm}, which listeners do not take from ACM. Upload it to IAM`,
  )
}

/**
 * `existing` and those of `added` that are not there yet.
 * @throws what `conflict` makes of a port that has two different listeners then
 */
export function withListeners(
  existing: readonly ListenerRecord[],
  added: readonly ListenerRecord[],
  conflict: (port: number) => Error,
): readonly ListenerRecord[] {
  const merged = [...existing]
  for (const listener of added) {
    const other = merged.find(
      ({ loadBalancerPort }) => loadBalancerPort === listener.loadBalancerPort,
    )
    if (other === undefined) merged.push(listener)
    else if (!sameListener(other, listener)) throw conflict(listener.loadBalancerPort)
  }
  return merged.length === existing.length ? existing : merged
}

/** Whether they do the same; the policies that are enabled on them do not count. */
export function sameListener(a: ListenerRecord, b: ListenerRecord): boolean {
  return (
    a.protocol === b.protocol &&
    a.loadBalancerPort === b.loadBalancerPort &&
    a.instanceProtocol === b.instanceProtocol &&
    a.instancePort === b.instancePort &&
    a.certificateArn === b.certificateArn
  )
}

/** @throws ApiError InvalidConfigurationRequest */
export function checkListenerQuota(count: number, ports: ElbPorts): void {
  if (count > ports.quotas.listeners) {
    throw invalidConfiguration(
      `A load balancer cannot have more than ${ports.quotas.listeners} listeners`,
    )
  }
}

function checkMembers(listeners: readonly Listener[]): void {
  const port = [atLeast(1), atMost(65535)]
  reject(
    listeners.flatMap((listener, index) => {
      const path = `listeners.${index + 1}.member`
      return [
        ...check(`${path}.loadBalancerPort`, listener.LoadBalancerPort, ...port),
        ...check(`${path}.instancePort`, listener.InstancePort, ...port),
      ]
    }),
  )
}

function listenerRecord(listener: Listener): ListenerRecord {
  const protocol = protocolName(listener.Protocol ?? '')
  const instanceProtocol = protocolName(listener.InstanceProtocol || protocol)
  const certificateArn = listener.SSLCertificateId || null
  if (isHttp(protocol) !== isHttp(instanceProtocol)) {
    throw validationError(
      `Listener protocol ${protocol} cannot be combined with instance protocol ${instanceProtocol}: HTTP and HTTPS go with HTTP or HTTPS, TCP and SSL with TCP or SSL`,
    )
  }
  if (isSecure(protocol) && certificateArn === null) {
    throw validationError('Secure Listeners need to specify a SSLCertificateId')
  }
  if (!isSecure(protocol) && certificateArn !== null) {
    throw invalidConfiguration(`SSLCertificateId cannot be specified for a ${protocol} listener`)
  }
  return {
    protocol,
    loadBalancerPort: listener.LoadBalancerPort ?? 0,
    instanceProtocol,
    instancePort: listener.InstancePort ?? 0,
    certificateArn,
    policyNames: isSecure(protocol) ? [defaultSslPolicy] : [],
  }
}

function protocolName(text: string): ProtocolName {
  const found = protocols.find((name) => name === text.toUpperCase())
  if (found === undefined) throw unsupportedProtocol(text)
  return found
}
