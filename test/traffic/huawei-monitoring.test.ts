/** What Huawei Cloud's load balancers tell of their traffic: metrics with Cloud Eye's names, and access logs. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLogBucketOf } from '../support/buckets.ts'
import { eventually } from '../support/eventually.ts'
import { readHuaweiEntry } from '../support/huawei-log.ts'
import { Backend, HuaweiSite } from '../support/huawei-site.ts'
import { Weir } from '../support/weir.ts'

const running = new AsyncDisposableStack()
let weir: Weir
let site: HuaweiSite

beforeAll(async () => {
  weir = running.use(await Weir.start({ args: ['--threads', '1'] }))
  site = await HuaweiSite.create(weir)
  const backend = running.use(await Backend.start('one'))
  backend.answer = ({ url }, response) => {
    response.writeHead(url?.startsWith('/missing') ? 404 : 200).end('hello')
  }
  await site.add(backend)
  await eventually('the listener to serve', async () => (await site.get()).status === 200)
})
afterAll(() => running.disposeAsync())

/** The values of a metric: of the load balancer (under ''), and of its listeners. */
async function metric(name: string): Promise<Record<string, number>> {
  const text = await (await fetch(`${weir.api}/metrics`)).text()
  const lines = text.matchAll(
    new RegExp(
      `^huaweicloud_sys_elb_${name}\\{lbaas_instance_id="${site.balancer.id}"(?:,lbaas_listener_id="(.*)")?\\} (\\S+)$`,
      'gm',
    ),
  )
  return Object.fromEntries([...lines].map(([, listener = '', value]) => [listener, Number(value)]))
}

test('Prometheus has the metrics of Cloud Eye, with labels as cloudeye-exporter has them', async () => {
  const missed = await eventually('the rate', async () => {
    await site.get('/missing')
    const rates = await metric('m11_l7_http_404')
    return (rates[''] ?? 0) > 0 && rates
  })
  expect(Object.keys(missed)).toEqual(['', site.listener.id])
  expect(missed[site.listener.id]).toBe(missed[''])
  for (const name of ['m4_ncps', 'm7_in_Bps', 'm8_out_Bps', 'mb_l7_qps', 'm14_l7_rt']) {
    expect((await metric(name))[site.listener.id]).toBeGreaterThan(0)
  }
  expect(await metric('ma_normal_servers')).toEqual({ '': 1 })
  expect(await metric('m9_abnormal_servers')).toEqual({ '': 0 })
  expect((await metric('mf_l7_http_5xx'))['']).toBe(0)
})

/** The names and texts of the log files of a stream. */
async function logFiles(bucket: string, stream: string): Promise<Map<string, string>> {
  const { Contents = [] } = await weir.s3.listObjectsV2({ Bucket: bucket, Prefix: `${stream}/` })
  const keys = Contents.flatMap(({ Key = '' }) => (Key.endsWith('.log') ? [Key] : []))
  const texts = keys.map(async (Key): Promise<[string, string]> => {
    const { Body } = await weir.s3.getObject({ Bucket: bucket, Key })
    return [Key, (await Body?.transformToString()) ?? '']
  })
  return new Map(await Promise.all(texts))
}

test('an HTTPS listener’s requests are logged in Huawei’s format, into the folder of the log stream', async () => {
  const group = 'a-log-group'
  await createLogBucketOf(weir, group)
  const { huawei, balancer, listener, pool } = site
  const logtank = await huawei.create('logtanks', 'logtank', {
    loadbalancer_id: balancer.id,
    log_group_id: group,
    log_topic_id: 'stream',
  })
  const headers = { 'user-agent': 'me "\u00ff"', 'x-forwarded-for': '203.0.113.7' }
  await eventually('requests to be logged', async () => {
    await site.get('/missing?a="b"', { headers })
    // What is logged goes out when the log is set to go elsewhere.
    await huawei.put(`logtanks/${logtank.id}`, { logtank: { log_topic_id: 'other' } })
    await huawei.put(`logtanks/${logtank.id}`, { logtank: { log_topic_id: 'stream' } })
    return (await logFiles(group, 'stream')).size > 0
  })
  const [[key, text] = ['', '']] = await logFiles(group, 'stream')
  expect(key).toMatch(
    new RegExp(
      `^stream/\\d{4}/\\d\\d/\\d\\d/loadbalancer_${balancer.id}_\\d{8}T\\d{4}Z_[0-9.]+_[0-9a-z]{8}\\.log$`,
    ),
  )
  expect(readHuaweiEntry(text.split('\n')[0] ?? '')).toMatchObject({
    access_log_topic_id: 'stream',
    log_ver: 'elb_01',
    status: '404',
    request: 'GET https://www.example.com/missing?a=%22b%22 HTTP/1.1',
    request_length: expect.stringMatching(/^[1-9]\d*$/),
    bytes_sent: expect.stringMatching(/^[1-9]\d+$/),
    body_bytes_sent: '5',
    upstream_status: '404',
    upstream_connect_time: expect.stringMatching(/^\d+\.\d{3}$/),
    http_user_agent: 'me "\u00ff"',
    http_x_forwarded_for: '203.0.113.7',
    lb_name: `loadbalancer_${balancer.id}`,
    listener_id: listener.id,
    pool_name: `pool_${pool.id}`,
    tenant_id: balancer.project_id,
    eip: `${balancer.eips[0].eip_address}:${listener.protocol_port}`,
    ssl_protocol: expect.stringMatching(/^TLSv1\.[23]$/),
    sni_domain_name: 'www.example.com',
  })
})
