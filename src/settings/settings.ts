/**
 * Process settings: what needs a restart to change. One schema; its descriptions are the user documentation (docs/settings.md).
 * Command line beats environment (`WEIR_…`) beats settings file beats default.
 */
import { availableParallelism } from 'node:os'
import { z } from 'zod'
import { logLevels } from '../telemetry/logger.ts'

const flag = z.union([z.boolean(), z.stringbool({ truthy: ['true', '1', 'yes', 'on'] })])
const count = (least: number, most: number) =>
  z
    .union([z.number(), z.string().regex(/^\d+$/).transform(Number)], 'must be a whole number')
    .pipe(z.number().int().min(least).max(most))

const hostPort = z
  .string()
  .regex(/^(\[[0-9a-fA-F:.]+\]|[^:\s]+):\d{1,5}$/, 'must be HOST:PORT')
  .refine(
    (value) => Number(value.slice(value.lastIndexOf(':') + 1)) <= 65_535,
    'port is over 65535',
  )

export const settingsSchema = z.strictObject({
  data: z
    .string()
    .min(1)
    .default('./weir-data')
    .describe('Folder for everything that Weir keeps: the store, the last snapshot, sockets.'),
  keyFile: z
    .string()
    .min(1)
    .optional()
    .describe(
      'File with the key that encrypts secrets in the store, and the last snapshot; made at first start. Keep it apart from backups of the data. Default: the data folder’s path with `.key` added.',
    ),
  api: hostPort
    .default('127.0.0.1:4566')
    .describe('Where the APIs listen. Port 0 picks a free one.'),
  dns: hostPort
    .default('127.0.0.1:4553')
    .describe('Where the DNS server listens, on UDP and TCP. Port 0 picks a free one.'),
  region: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'must look like us-west-2')
    .default('us-west-2')
    .describe('The region of the console and the demo, and of requests that name none.'),
  accountId: z
    .string()
    .regex(/^\d{12}$/, 'must be 12 digits')
    .default('123456789012')
    .describe('The account that owns everything.'),
  dnsSuffix: z
    .string()
    .regex(/^[a-z0-9-]+(\.[a-z0-9-]+)*$/, 'must be a lower-case domain name')
    .default('weir.internal')
    .describe('Load balancers are named NAME-ID.REGION.elb.SUFFIX.'),
  defaultVpc: z
    .string()
    .regex(
      /^(\d{1,2}|1\d\d|2[0-4]\d|25[0-5])\.(\d{1,2}|1\d\d|2[0-4]\d|25[0-5])\.0\.0\/16$/,
      'must be an IPv4 /16 like 127.16.0.0/16',
    )
    .default('127.16.0.0/16')
    .describe(
      'The default VPC of the first region that is used; each further region gets the next /16. Load balancer nodes take their addresses from it, so this machine must own them, as Linux owns all of 127.0.0.0/8.',
    ),
  auth: z
    .enum(['sigv4', 'none'])
    .default('sigv4')
    .describe('Whether requests have to be signed. `none` is for throw-away use on loopback.'),
  dev: flag
    .default(false)
    .describe(
      'For tests and CI: no authentication, data that is thrown away, and POST /_weir/reset. Loopback only.',
    ),
  threads: count(1, 256)
    .default(availableParallelism())
    .describe('Engine threads of the proxy. Default: one a core.'),
  drainTimeout: count(0, 3600)
    .default(30)
    .describe('Seconds that a proxy waits for requests in flight when it is told to stop.'),
  maxRequestLine: count(1024, 65_536)
    .default(16_384)
    .describe(
      'Bytes of an HTTP request’s first line; a longer one is answered 414. Also of an instance’s status line: there it is 502.',
    ),
  maxHeaderLine: count(1024, 65_536)
    .default(16_384)
    .describe(
      'Bytes of one header line of an HTTP message; a request with a longer one is answered 431, for a response it is 502.',
    ),
  maxHeaders: count(1024, 1_048_576)
    .default(65_536)
    .describe('Bytes of all header lines of an HTTP message together; beyond: as for one line.'),
  maxPipelined: count(4096, 16_777_216)
    .default(131_072)
    .describe(
      'Bytes that a client may send ahead on one HTTP connection before it is no longer read. At least what the largest head has.',
    ),
  maxLoadBalancers: count(1, 100_000).default(20).describe('Load balancers in a region.'),
  maxListeners: count(1, 100_000).default(100).describe('Listeners of a load balancer.'),
  maxSecurityGroups: count(1, 100_000).default(5).describe('Security groups of a load balancer.'),
  maxInstances: count(1, 100_000)
    .default(1000)
    .describe('Registered instances of a load balancer.'),
  maxServerCertificates: count(1, 100_000).default(20).describe('Server certificates in IAM.'),
  maxAcmCertificates: count(1, 100_000).default(2500).describe('Certificates in ACM, in a region.'),
  maxTags: count(1, 100_000).default(50).describe('Tags of a load balancer.'),
  maxCertificateNames: count(1, 100)
    .default(10)
    .describe('Names of a certificate that is requested in ACM.'),
  maxTopics: count(1, 100_000).default(100_000).describe('Topics of SNS, in a region.'),
  maxSubscriptions: count(1, 100_000).default(10_000).describe('Subscriptions of a topic of SNS.'),
  maxMetricMegabytes: count(16, 1_048_576)
    .default(1024)
    .describe('Megabytes of metrics on the disk; beyond, the oldest points go first.'),
  maxEventMegabytes: count(16, 1_048_576)
    .default(1024)
    .describe(
      'Megabytes of the history of API calls on the disk; beyond, the oldest events go before their 90 days are over.',
    ),
  maxCustomMetrics: count(0, 1_000_000)
    .default(10_000)
    .describe(
      'Metrics that PutMetricData may make, in all regions together: each set of dimensions is one.',
    ),
  maxAlarms: count(1, 100_000).default(5000).describe('Alarms of CloudWatch, in a region.'),
  acmeDirectory: z
    .url({ protocol: /^https$/, error: 'must be an https URL' })
    .optional()
    .describe(
      'Directory of the ACME server that signs requested certificates, e.g. that of Let’s Encrypt; naming it agrees to its terms of service. Default: none, Weir’s own local authority signs them.',
    ),
  acmeContact: z
    .email('must be an e-mail address')
    .optional()
    .describe('Where the ACME server may write to.'),
  acmeCaFile: z
    .string()
    .min(1)
    .optional()
    .describe(
      'PEM file of the authorities that the ACME server’s own certificate may come from. Default: those that Node trusts.',
    ),
  apiUrl: z
    .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
    .optional()
    .describe(
      'URL under which the API is reached by those who get notifications: links in mails and messages begin with it. Default: that of the address where the APIs listen.',
    ),
  smtp: z
    .url({ protocol: /^smtps?$/, error: 'must look like smtp://HOST:PORT or smtps://HOST:PORT' })
    .optional()
    .describe(
      'The server that mails of SNS go through. `smtps` is TLS from the first byte (port 465); `smtp` is STARTTLS (port 587), which is required where a user is set, and used where the server offers it otherwise. Default: none, no mails are sent.',
    ),
  smtpFrom: z
    .email('must be an e-mail address')
    .optional()
    .describe('The address that mails are from.'),
  smtpUser: z.string().min(1).optional().describe('Who logs in at the SMTP server.'),
  smtpPasswordFile: z.string().min(1).optional().describe('File with the password of that user.'),
  notificationCaFile: z
    .string()
    .min(1)
    .optional()
    .describe(
      'PEM file of the authorities that certificates of the SMTP server and of the HTTPS endpoints of SNS may come from. Default: those that Node trusts.',
    ),
  huaweiMaxLoadBalancers: count(1, 100_000)
    .default(50)
    .describe('Huawei Cloud: load balancers in a project.'),
  huaweiMaxListeners: count(1, 100_000)
    .default(100)
    .describe('Huawei Cloud: listeners in a project.'),
  huaweiMaxPools: count(1, 100_000)
    .default(500)
    .describe('Huawei Cloud: backend server groups in a project.'),
  huaweiMaxMembers: count(1, 100_000)
    .default(500)
    .describe('Huawei Cloud: backend servers in a project.'),
  huaweiMaxCertificates: count(1, 100_000)
    .default(120)
    .describe('Huawei Cloud: certificates in a project.'),
  huaweiMaxIpGroups: count(1, 100_000)
    .default(50)
    .describe('Huawei Cloud: IP address groups in a project.'),
  huaweiMaxL7Policies: count(1, 100_000)
    .default(500)
    .describe('Huawei Cloud: forwarding policies in a project.'),
  huaweiMaxSecurityPolicies: count(1, 100_000)
    .default(50)
    .describe('Huawei Cloud: custom security policies in a project.'),
  proxyMetrics: hostPort
    .optional()
    .describe(
      'Where a proxy serves /metrics for Prometheus, and /healthz. Default: nowhere; what proxies count is at the API’s /metrics too.',
    ),
  otlpEndpoint: z
    .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
    .optional()
    .describe(
      'OpenTelemetry collector that control and proxies push their metrics to, over OTLP/HTTP, e.g. http://127.0.0.1:4318. Default: none. Headers: OTEL_EXPORTER_OTLP_HEADERS.',
    ),
  otlpInterval: count(1, 3600).default(60).describe('Seconds from one push to the next.'),
  s3Endpoint: z
    .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
    .refine((url) => !/^[^/]*\/\/[^/]*@/.test(url), 'must not have a user or a password')
    .optional()
    .describe(
      'URL of an S3 server whose buckets access logs and trails are delivered to. Credentials are those that AWS’s tools use: `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY` of the environment, a profile, or the machine’s. Default: none, Weir’s own buckets, which are folders.',
    ),
  s3Region: z
    .string()
    .regex(/^[a-z0-9-]{1,32}$/, 'must look like us-west-2')
    .optional()
    .describe(
      'The region that requests to the S3 server are signed for. Default: that of the load balancer, or the trail.',
    ),
  s3PathStyle: flag
    .default(true)
    .describe(
      'Whether the S3 server is told the bucket in the path, rather than in the host’s name.',
    ),
  s3Encryption: z
    .enum(['AES256', 'aws:kms', 'none'])
    .default('AES256')
    .describe('What the S3 server is told to encrypt objects with; `none` tells it nothing.'),
  s3KmsKeyId: z
    .string()
    .min(1)
    .optional()
    .describe('The key for `--s3-encryption aws:kms`. Default: the S3 server’s own.'),
  logLevel: z
    .enum(logLevels)
    .default('info')
    .describe('The least severe log line that is written.'),
})

export type Settings = z.infer<typeof settingsSchema>

/** Raised with a sentence for each setting that is wrong. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError'
}

export interface Sources {
  /** From the command line, by setting name. */
  readonly flags: Readonly<Record<string, unknown>>
  readonly environment: Readonly<Record<string, string | undefined>>
  /** The parsed settings file. */
  readonly file: unknown
}

/** @throws SettingsError that names each wrong value, where it came from, and what is expected. */
export function readSettings({ flags, environment, file }: Sources): Settings {
  const fromFile = z.record(z.string(), z.unknown()).safeParse(file ?? {})
  if (!fromFile.success) throw new SettingsError('the settings file must hold one JSON object')
  const merged = { ...fromFile.data, ...fromEnvironment(environment), ...defined(flags) }
  const parsed = settingsSchema.safeParse(merged)
  if (!parsed.success) throw new SettingsError(parsed.error.issues.map(sentence(merged)).join('\n'))
  checkTogether(parsed.data)
  return parsed.data
}

/** `logLevel` as the environment has it: `WEIR_LOG_LEVEL`. */
export function environmentName(setting: string): string {
  return `WEIR_${setting.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`
}

/** `logLevel` as the command line has it: `--log-level`. */
export function flagName(setting: string): string {
  return `--${setting.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}

export function keyFileOf(settings: Settings): string {
  return settings.keyFile ?? `${settings.data.replace(/\/+$/, '')}.key`
}

export function splitHostPort(value: string): { host: string; port: number } {
  const colon = value.lastIndexOf(':')
  return {
    host: value.slice(0, colon).replace(/^\[(.*)\]$/, '$1'),
    port: Number(value.slice(colon + 1)),
  }
}

function fromEnvironment(environment: Sources['environment']): Record<string, string> {
  const names = Object.keys(settingsSchema.shape)
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = environment[environmentName(name)]
      return value === undefined ? [] : [[name, value]]
    }),
  )
}

function defined(flags: Sources['flags']): Record<string, unknown> {
  return Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined))
}

function sentence(merged: Record<string, unknown>): (issue: z.core.$ZodIssue) => string {
  return (issue) => {
    if (issue.code === 'unrecognized_keys') return `unknown setting: ${issue.keys.join(', ')}`
    const name = String(issue.path[0])
    return `${flagName(name)} (${environmentName(name)}): ${JSON.stringify(merged[name])}: ${issue.message}`
  }
}

function checkTogether(settings: Settings): void {
  for (const name of ['acmeContact', 'acmeCaFile'] as const) {
    if (settings[name] === undefined || settings.acmeDirectory !== undefined) continue
    throw new SettingsError(`${flagName(name)} is of no use without ${flagName('acmeDirectory')}`)
  }
  checkSmtp(settings)
  checkS3(settings)
  checkHeadsFit(settings)
  checkAuth(settings)
}

function checkSmtp({ smtp, smtpFrom, smtpUser, smtpPasswordFile }: Settings): void {
  if ((smtp === undefined) !== (smtpFrom === undefined)) {
    throw new SettingsError('--smtp and --smtp-from are of no use without each other')
  }
  if ((smtpUser === undefined) !== (smtpPasswordFile === undefined)) {
    throw new SettingsError('--smtp-user and --smtp-password-file are of no use without each other')
  }
  if (smtpUser !== undefined && smtp === undefined) {
    throw new SettingsError('--smtp-user is of no use without --smtp')
  }
  const { username = '', password = '', pathname = '' } = smtp === undefined ? {} : new URL(smtp)
  if (username !== '' || password !== '' || pathname.length > 1) {
    throw new SettingsError(
      '--smtp takes no user, password or path: see --smtp-user and --smtp-password-file',
    )
  }
}

function checkS3({ s3Endpoint, s3Region, s3Encryption, s3KmsKeyId }: Settings): void {
  if (s3Region !== undefined && s3Endpoint === undefined) {
    throw new SettingsError(
      `${flagName('s3Region')} is of no use without ${flagName('s3Endpoint')}`,
    )
  }
  if (s3KmsKeyId !== undefined && s3Encryption !== 'aws:kms') {
    throw new SettingsError(
      `${flagName('s3KmsKeyId')} is of no use without ${flagName('s3Encryption')} aws:kms`,
    )
  }
}

/** A head of which a part is never read would wait for ever. */
function checkHeadsFit(settings: Settings): void {
  const { maxRequestLine, maxHeaderLine, maxHeaders, maxPipelined } = settings
  const least = maxRequestLine + maxHeaders + maxHeaderLine + lineEnds
  if (maxPipelined >= least) return
  throw new SettingsError(
    `--max-pipelined ${maxPipelined} is less than ${least}, which a head may have by --max-request-line, --max-headers and --max-header-line`,
  )
}

/** Of a head before it is refused: the empty line that may come before it, the request line's end, half of the last line's. */
const lineEnds = 5

function checkAuth(settings: Settings): void {
  if (settings.auth === 'sigv4' && !settings.dev) return
  const { host } = splitHostPort(settings.api)
  if (host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)) return
  throw new SettingsError(
    `--api ${settings.api} is not a loopback address: without authentication (--auth none or --dev) anyone could change everything`,
  )
}
