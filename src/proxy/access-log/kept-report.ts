import type { ExchangeReport } from '../../engine/observer.ts'

/** A report as it is now, for after the call that told it. */
export function keptReport(report: ExchangeReport): ExchangeReport {
  // By name: most of it is computed by the engine when it is asked for.
  return {
    loadBalancer: report.loadBalancer,
    zone: report.zone,
    listener: report.listener,
    client: report.client,
    target: report.target,
    method: report.method,
    requestTarget: report.requestTarget,
    version: report.version,
    host: report.host,
    userAgent: report.userAgent,
    referer: report.referer,
    headBytes: report.headBytes,
    forwardedFor: report.forwardedFor,
    pool: report.pool,
    classification: report.classification,
    time: report.time,
    receivedAt: report.receivedAt,
    connectingAt: report.connectingAt,
    sentAt: report.sentAt,
    answeredAt: report.answeredAt,
    respondedAt: report.respondedAt,
    endedAt: report.endedAt,
    status: report.status,
    targetStatus: report.targetStatus,
    sentHeadBytes: report.sentHeadBytes,
    receivedBytes: report.receivedBytes,
    sentBytes: report.sentBytes,
  }
}
