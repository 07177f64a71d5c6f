import type {
  CreateLoadBalancerListenerInput,
  CreateLoadBalancerListenerOutput,
  DeleteLoadBalancerListenerInput,
  DeleteLoadBalancerListenerOutput,
  SetLoadBalancerListenerSSLCertificateInput,
  SetLoadBalancerListenerSSLCertificateOutput,
} from '@aws-sdk/client-elastic-load-balancing'
import { duplicateListener, invalidConfiguration, listenerNotFound } from './errors.ts'
import {
  checkCertificates,
  checkListenerQuota,
  requestedListeners,
  withListeners,
} from './listener-rules.ts'
import { changeLoadBalancer, type ElbOperation, readLoadBalancer } from './load-balancers.ts'
import { withDefaultSslPolicy } from './policy-rules.ts'
import { isSecure } from './protocols.ts'

/** A listener that is there already as asked for is no error: Terraform asks for all of them again after it made the load balancer. */
export const createListeners: ElbOperation<
  CreateLoadBalancerListenerInput,
  CreateLoadBalancerListenerOutput
> = async (input, call, ports) => {
  // A missing load balancer is told before what is wrong with the listeners.
  await readLoadBalancer(call, input.LoadBalancerName ?? '')
  const added = requestedListeners(input.Listeners)
  await changeLoadBalancer(call, input.LoadBalancerName, async (record, tx) => {
    await checkCertificates(tx, added, call)
    const conflict = (port: number) => duplicateListener(record.name, port)
    const listeners = withListeners(record.listeners, added, conflict)
    if (listeners === record.listeners) return record
    checkListenerQuota(listeners.length, ports)
    return { ...record, listeners, policies: withDefaultSslPolicy(record.policies, listeners) }
  })
  return {}
}

/** The policies of a deleted listener stay with the load balancer. Ports without a listener are passed over. */
export const deleteListeners: ElbOperation<
  DeleteLoadBalancerListenerInput,
  DeleteLoadBalancerListenerOutput
> = async (input, call) => {
  const gone = new Set(input.LoadBalancerPorts)
  await changeLoadBalancer(call, input.LoadBalancerName, (record) => {
    const listeners = record.listeners.filter((listener) => !gone.has(listener.loadBalancerPort))
    return listeners.length === record.listeners.length ? record : { ...record, listeners }
  })
  return {}
}

export const setListenerCertificate: ElbOperation<
  SetLoadBalancerListenerSSLCertificateInput,
  SetLoadBalancerListenerSSLCertificateOutput
> = async (input, call) => {
  const { LoadBalancerPort: port = 0, SSLCertificateId: arn = '' } = input
  await changeLoadBalancer(call, input.LoadBalancerName, async (record, tx) => {
    const listener = record.listeners.find(({ loadBalancerPort }) => loadBalancerPort === port)
    if (listener === undefined) throw listenerNotFound(record.name, port)
    if (!isSecure(listener.protocol)) {
      throw invalidConfiguration(
        `The listener with LoadBalancerPort ${port} has protocol ${listener.protocol}, which takes no certificate`,
      )
    }
    const changed = { ...listener, certificateArn: arn }
    await checkCertificates(tx, [changed], call)
    return {
      ...record,
      listeners: record.listeners.map((other) => (other === listener ? changed : other)),
    }
  })
  return {}
}
