import type { Reader, Transaction } from '../../store/transaction.ts'
import { elbKeys, type ListenerRecord, type LoadBalancerRecord } from './records.ts'

/** A load balancer with a listener that has a certificate. */
export interface CertificateUser {
  readonly region: string
  readonly name: string
}

/** In all regions. Read in the transaction that hangs on it, nobody can begin to use the certificate meanwhile. */
export async function certificateUsers(tx: Transaction, arn: string): Promise<CertificateUser[]> {
  const users = await usersOf(tx, arn)
  return users.map(({ key, record }) => ({ region: regionOf(key), name: record.name }))
}

/** The ARNs of all certificates that a listener of any region has. */
export async function usedCertificates(reader: Reader): Promise<Set<string>> {
  const all = await reader.list<LoadBalancerRecord>(elbKeys.all)
  const arns = all.flatMap(({ listeners }) => listeners.map(({ certificateArn }) => certificateArn))
  return new Set(arns.filter((arn) => arn !== null))
}

/** Listeners that have the certificate keep it under its new ARN. */
export async function followCertificate(tx: Transaction, from: string, to: string): Promise<void> {
  const renamed = (listener: ListenerRecord): ListenerRecord =>
    listener.certificateArn === from ? { ...listener, certificateArn: to } : listener
  for (const { key, record } of await usersOf(tx, from)) {
    tx.put(key, { ...record, listeners: record.listeners.map(renamed) })
  }
}

export function loadBalancerArn({ region, name }: CertificateUser, accountId: string): string {
  return `arn:aws:elasticloadbalancing:${region}:${accountId}:loadbalancer/${name}`
}

async function usersOf(tx: Transaction, arn: string) {
  const all = await tx.entries<LoadBalancerRecord>(elbKeys.all)
  return all
    .map(([key, record]) => ({ key, record }))
    .filter(({ record }) => record.listeners.some(({ certificateArn }) => certificateArn === arn))
}

function regionOf(key: string): string {
  return key.split('/')[1] ?? ''
}
