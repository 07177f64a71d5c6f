/** What Huawei Cloud's load balancers tell of their traffic: metrics with Cloud Eye's names. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
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
    response.writeHead(url === '/missing' ? 404 : 200).end('hello')
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
