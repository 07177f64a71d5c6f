import type { AccessLog } from '../../snapshot/snapshot.ts'

/**
 * The key of a log file (guide, p. 97–98), e.g.
 * `my-app/AWSLogs/123456789012/elasticloadbalancing/us-west-2/2014/02/15/123456789012_elasticloadbalancing_us-west-2_my-loadbalancer_20140215T2340Z_172.16.1.192_20sg8hgm.log`.
 * Of Huawei Cloud's load balancers, which know no such account: `STREAM/2014/02/15/loadbalancer_ID_20140215T2340Z_172.16.1.192_20sg8hgm.log`.
 * @param end of the interval, in milliseconds since the epoch
 * @param address of the node
 */
export function logKey(log: AccessLog, end: number, address: string, random: string): string {
  const time = new Date(end).toISOString()
  const day = time.slice(0, 'yyyy-mm-dd'.length)
  const minute = time.slice('yyyy-mm-ddT'.length, 'yyyy-mm-ddThh:mm'.length)
  const endTime = `${day.replaceAll('-', '')}T${minute.replace(':', '')}Z`
  const { account, region, loadBalancerName, format } = log
  const prefix = log.prefix === '' ? '' : `${log.prefix}/`
  const date = day.replaceAll('-', '/')
  if (typeof format === 'object') {
    return `${prefix}${date}/${[loadBalancerName, endTime, address, random].join('_')}.log`
  }
  const file = [account, 'elasticloadbalancing', region, loadBalancerName, endTime, address, random]
  return `${prefix}AWSLogs/${account}/elasticloadbalancing/${region}/${date}/${file.join('_')}.log`
}
