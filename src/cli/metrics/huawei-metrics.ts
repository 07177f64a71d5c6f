/**
 * Which of Cloud Eye's metrics of the namespace SYS.ELB there are, and what they come from. Only what is counted is there. The ELB user
 * guide has them under "ELB Monitoring Metrics".
 */
import type { ListenerCounters } from '../../snapshot/status.ts'

type Figure = (counters: ListenerCounters) => number

interface Metric {
  readonly name: string
  readonly help: string
}

/** What there is at the moment. */
export interface Level extends Metric {
  readonly level: Figure
}

/** What grew in the last minute, per second. */
export interface Rate extends Metric {
  readonly total: Figure
}

/** What grew in the last minute, by how much something else grew. */
export interface Ratio extends Metric {
  readonly part: Figure
  readonly whole: Figure
  /** That a ratio of 1 is told as: percent, or milliseconds of a second. */
  readonly units: number
}

export const levels: readonly Level[] = [
  {
    name: 'm1_cps',
    help: 'Connections of clients that are open now.',
    level: ({ openConnections }) => openConnections,
  },
  {
    name: 'm2_act_conn',
    help: 'Connections to backend servers that are in use now, or are being made for a request.',
    level: ({ outstanding }) => outstanding,
  },
]

export const rates: readonly Rate[] = [
  {
    name: 'm4_ncps',
    help: 'New connections of clients per second.',
    total: ({ connections }) => connections,
  },
  {
    name: 'm7_in_Bps',
    help: 'Bytes per second from clients, without headers of TCP and IP, and without TLS.',
    total: ({ bytesIn }) => bytesIn,
  },
  {
    name: 'm8_out_Bps',
    help: 'Bytes per second to clients, without headers of TCP and IP, and without TLS.',
    total: ({ bytesOut }) => bytesOut,
  },
  {
    name: 'm22_in_bandwidth',
    help: 'Bits per second from clients: eight times m7_in_Bps.',
    total: ({ bytesIn }) => bytesIn * 8,
  },
  {
    name: 'm23_out_bandwidth',
    help: 'Bits per second to clients: eight times m8_out_Bps.',
    total: ({ bytesOut }) => bytesOut * 8,
  },
]

const answers2xx: Figure = ({ target2xx, engine2xx }) => target2xx + engine2xx
const answers3xx: Figure = ({ target3xx, engine3xx }) => target3xx + engine3xx
const answers4xx: Figure = ({ target4xx, engine4xx }) => target4xx + engine4xx
const answers5xx: Figure = ({ target5xx, engine5xx }) => target5xx + engine5xx
const answers: Figure = (counters) =>
  answers2xx(counters) +
  answers3xx(counters) +
  answers4xx(counters) +
  answers5xx(counters) +
  counters.answersOther

export const layer7Rates: readonly Rate[] = [
  {
    name: 'mb_l7_qps',
    help: 'HTTP requests per second.',
    total: ({ requests }) => requests,
  },
  {
    name: 'mc_l7_http_2xx',
    help: 'Answers 2xx per second, of backend servers and of the load balancer.',
    total: answers2xx,
  },
  {
    name: 'md_l7_http_3xx',
    help: 'Answers 3xx per second, of backend servers and of the load balancer.',
    total: answers3xx,
  },
  {
    name: 'me_l7_http_4xx',
    help: 'Answers 4xx per second, of backend servers and of the load balancer.',
    total: answers4xx,
  },
  {
    name: 'mf_l7_http_5xx',
    help: 'Answers 5xx per second, of backend servers and of the load balancer.',
    total: answers5xx,
  },
  {
    name: 'm10_l7_http_other_status',
    help: 'Answers per second that are not 2xx to 5xx, such as 101.',
    total: ({ answersOther }) => answersOther,
  },
  {
    name: 'm11_l7_http_404',
    help: 'Answers 404 per second, of backend servers and of the load balancer.',
    total: ({ answers404 }) => answers404,
  },
  {
    name: 'm12_l7_http_499',
    help: 'Requests per second whose client left before it got an answer.',
    total: ({ unanswered }) => unanswered,
  },
  {
    name: 'm13_l7_http_502',
    help: 'Answers 502 per second, of backend servers and of the load balancer.',
    total: ({ answers502 }) => answers502,
  },
  {
    name: 'm15_l7_upstream_4xx',
    help: 'Answers 4xx of backend servers per second.',
    total: ({ target4xx }) => target4xx,
  },
  {
    name: 'm16_l7_upstream_5xx',
    help: 'Answers 5xx of backend servers per second.',
    total: ({ target5xx }) => target5xx,
  },
  {
    name: 'm18_l7_upstream_2xx',
    help: 'Answers 2xx of backend servers per second.',
    total: ({ target2xx }) => target2xx,
  },
  {
    name: 'm19_l7_upstream_3xx',
    help: 'Answers 3xx of backend servers per second.',
    total: ({ target3xx }) => target3xx,
  },
  {
    name: 'elb_http_2xx',
    help: 'Answers 2xx of the load balancer’s own per second.',
    total: ({ engine2xx }) => engine2xx,
  },
  {
    name: 'elb_http_3xx',
    help: 'Answers 3xx of the load balancer’s own per second.',
    total: ({ engine3xx }) => engine3xx,
  },
  {
    name: 'elb_http_4xx',
    help: 'Answers 4xx of the load balancer’s own per second.',
    total: ({ engine4xx }) => engine4xx,
  },
  {
    name: 'elb_http_5xx',
    help: 'Answers 5xx of the load balancer’s own per second.',
    total: ({ engine5xx }) => engine5xx,
  },
]

export const layer7Ratios: readonly Ratio[] = [
  {
    name: 'm14_l7_rt',
    help: 'Average milliseconds from a request’s head being there to the end of its answer.',
    part: ({ answeredSeconds }) => answeredSeconds,
    whole: ({ answered }) => answered,
    units: 1000,
  },
  {
    name: 'm17_l7_upstream_rt',
    help: 'Average milliseconds from a request being sent to a backend server to the head of its answer.',
    part: ({ latencies }) => latencies.sum,
    whole: ({ latencies }) => latencies.count,
    units: 1000,
  },
  {
    name: 'l7_2xx_ratio',
    help: 'Answers 2xx, of backend servers and of the load balancer, in percent of all answers.',
    part: answers2xx,
    whole: answers,
    units: 100,
  },
  {
    name: 'l7_4xx_ratio',
    help: 'Answers 4xx, of backend servers and of the load balancer, in percent of all answers.',
    part: answers4xx,
    whole: answers,
    units: 100,
  },
  {
    name: 'l7_5xx_ratio',
    help: 'Answers 5xx, of backend servers and of the load balancer, in percent of all answers.',
    part: answers5xx,
    whole: answers,
    units: 100,
  },
]
