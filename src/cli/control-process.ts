/** The control process, put together by hand in reading order: store, status, APIs, DNS, hand-out to the proxies. */
import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type ApiServer, startApiServer } from '../api/server.ts'
import { createEc2Service } from '../aws/ec2/service.ts'
import type { ElbPorts } from '../aws/elb/ports.ts'
import { createElbService } from '../aws/elb/service.ts'
import { createIamService } from '../aws/iam/service.ts'
import { createStsService } from '../aws/sts/service.ts'
import { ensureRootKey, isAccessKeyKey } from '../aws/wire/access-keys.ts'
import { createAwsEndpoint } from '../aws/wire/endpoint.ts'
import { type DnsServer, startDnsServer } from '../dns/dns-server.ts'
import { Names } from '../reconcile/names.ts'
import { ControlLink } from '../reconcile/proxy-link/control-link.ts'
import { Reconciler } from '../reconcile/reconciler.ts'
import { StatusBoard } from '../reconcile/status-board.ts'
import { keyFileOf, type Settings, splitHostPort } from '../settings/settings.ts'
import { systemClock } from '../std/clock.ts'
import { openSecretBox } from '../std/secret-box.ts'
import { openSqliteStore } from '../store/sqlite/sqlite-store.ts'
import type { Store } from '../store/store.ts'
import { createLogger, type Logger } from '../telemetry/logger.ts'
import { metricsText } from './metrics.ts'

export interface ControlProcess extends AsyncDisposable {
  readonly apiUrl: string
  /** HOST:PORT. */
  readonly dnsAddress: string
  /** The root access key, when this start has made it: shown once. */
  readonly newRootKey: { readonly accessKeyId: string; readonly secretAccessKey: string } | null
}
