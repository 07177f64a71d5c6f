import type { ConnectionReport, ExchangeReport, Observer } from '../../src/engine/observer.ts'

/** Keeps a copy of each report. */
export class Reports implements Observer {
  readonly exchanges: ExchangeReport[] = []
  readonly connections: ConnectionReport[] = []

  exchangeEnded(report: ExchangeReport): void {
    const { loadBalancer, zone, listener, time } = report
    const { method, requestTarget, version, host, userAgent, referer } = report
    const { headBytes, forwardedFor, classification } = report
    this.exchanges.push({
      ...report,
      ...{ loadBalancer, zone, listener, time },
      ...{ method, requestTarget, version, host, userAgent, referer },
      ...{ headBytes, forwardedFor, classification },
    })
  }

  connectionEnded(report: ConnectionReport): void {
    const { loadBalancer, zone, listener } = report
    this.connections.push({ ...report, loadBalancer, zone, listener })
  }
}
