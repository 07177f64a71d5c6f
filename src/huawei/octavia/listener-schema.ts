import { z } from 'zod'
import { port, reference } from '../elb/fields.ts'
import { maxAddresses } from '../elb/ip-groups/schema.ts'
import { described, milliseconds, owner, unsupported, unsupportedList } from './fields.ts'
import { l7PolicyPart } from './l7-policies.ts'
import { poolPart } from './pools.ts'

/** Octavia's clients send them as texts. */
const flag = z
  .enum(['true', 'false', 'True', 'False'])
  .transform((text) => /^t/i.test(text))
  .or(z.boolean())

const addressOrBlock = z.union(
  [z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()],
  'It is an IP address or a CIDR block',
)

export const listenerUpdate = z.strictObject({
  ...described,
  connection_limit: z.literal([-1, '-1'], 'There is no limit: it can only be -1').nullish(),
  default_pool_id: reference.nullish(),
  default_tls_container_ref: reference.nullish(),
  sni_container_refs: z.array(reference).max(50).nullish(),
  insert_headers: z
    .strictObject({
      'X-Forwarded-For': flag.optional(),
      'X-Forwarded-Port': flag.optional(),
      'X-Forwarded-Proto': flag.optional(),
    })
    .nullish(),
  /** How long a connection may be idle. */
  timeout_client_data: milliseconds(0, 4000),
  timeout_member_connect: z.literal(5000, 'It can only be 5000').nullish(),
  /** How long a member may take to answer; of TCP the same as the one above. */
  timeout_member_data: milliseconds(1, 4000),
  timeout_tcp_inspect: z.literal(0, 'It can only be 0').nullish(),
  client_ca_tls_container_ref: reference.nullish(),
  client_authentication: z.enum(['NONE', 'MANDATORY'], 'It is NONE or MANDATORY').nullish(),
  client_crl_container_ref: unsupported,
  allowed_cidrs: z.array(addressOrBlock).max(maxAddresses).nullish(),
  tls_ciphers: unsupported,
  tls_versions: unsupportedList,
  alpn_protocols: z.array(z.enum(['h2', 'http/1.1', 'http/1.0'])).nullish(),
  hsts_max_age: z.literal(0, 'It is not supported').nullish(),
  hsts_include_subdomains: z.literal(false, 'It is not supported').nullish(),
  hsts_preload: z.literal(false, 'It is not supported').nullish(),
})

export const listenerCreation = listenerUpdate.extend({
  ...owner,
  loadbalancer_id: reference,
  protocol: z.enum(
    ['HTTP', 'TCP', 'TERMINATED_HTTPS'],
    'It is HTTP, TCP or TERMINATED_HTTPS; TCP passes TLS through, as HTTPS would',
  ),
  protocol_port: port,
  default_pool: poolPart.nullish(),
  l7policies: z.array(l7PolicyPart).optional(),
})

/** A listener of a load balancer that is made with it. */
export const listenerPart = listenerCreation.omit({ loadbalancer_id: true })

export type ListenerCreation = z.infer<typeof listenerCreation>
export type ListenerUpdate = z.infer<typeof listenerUpdate>
