import type { ConnectionReport, ExchangeReport, Observer } from '../../src/engine/observer.ts'

/** Keeps a copy of each report. */
export class Reports implements Observer {
  readonly exchanges: ExchangeReport[] = []
  readonly connections: ConnectionReport[] = []

  exchangeEnded(report: ExchangeReport): void {
    const { loadBalancer, zone, listener, time } = report
    this.exchanges.push({ ...report, loadBalancer, zone, listener, time })
  }

  connectionEnded(report: ConnectionReport): void {
    const { loadBalancer, zone, listener } = report
    this.connections.push({ ...report, loadBalancer, zone, listener })
  }
}
