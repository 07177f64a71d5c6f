import type { ConnectionReport, ExchangeReport, Observer } from '../../src/engine/observer.ts'
import { keptReport } from '../../src/proxy/access-log/kept-report.ts'

/** Keeps a copy of each report. */
export class Reports implements Observer {
  readonly exchanges: ExchangeReport[] = []
  readonly connections: ConnectionReport[] = []

  exchangeEnded(report: ExchangeReport): void {
    this.exchanges.push(keptReport(report))
  }

  connectionEnded(report: ConnectionReport): void {
    const { loadBalancer, zone, listener } = report
    this.connections.push({ ...report, loadBalancer, zone, listener })
  }
}
