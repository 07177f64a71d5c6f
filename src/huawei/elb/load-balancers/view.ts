import type { LoadBalancerRecord } from '../records.ts'
import { listenersOf, poolsOf, references } from '../relations.ts'
import type { Scope } from '../scope.ts'

/** A load balancer as the API shows it. */
export function loadBalancerView({ project }: Scope, record: LoadBalancerRecord) {
  const { vip, eip, ...fields } = record
  return {
    ...fields,
    provider: 'vlb',
    guaranteed: true,
    provisioning_status: 'ACTIVE',
    operating_status: 'ONLINE',
    vip_address: vip.address,
    vip_port_id: vip.interface_id,
    ipv6_vip_address: record.ipv6_vip_virsubnet_id === null ? null : vip.ipv6_address,
    ipv6_vip_port_id: record.ipv6_vip_virsubnet_id === null ? null : vip.interface_id,
    ipv6_bandwidth: null,
    elb_virsubnet_type: 'ipv4',
    frozen_scene: '',
    billing_info: '',
    public_border_group: 'center',
    publicips:
      eip === null
        ? []
        : [{ publicip_id: eip.interface_id, publicip_address: eip.address, ip_version: 4 }],
    eips:
      eip === null ? [] : [{ eip_id: eip.interface_id, eip_address: eip.address, ip_version: 4 }],
    global_eips: [],
    listeners: references(listenersOf(project, record)),
    pools: references(poolsOf(project, record)),
  }
}
