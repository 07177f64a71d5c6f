/** `weir demo`: a throw-away system that carries traffic before one's eyes. */
import type { Settings } from '../../settings/settings.ts'
import { systemClock } from '../../std/clock.ts'
import { createLogger } from '../../telemetry/logger.ts'
import {
  createSampleSystem,
  demoHttpsPort,
  demoPort,
  type SampleSystem,
} from '../demo/sample-system.ts'
import { type Split, Traffic } from '../demo/traffic.ts'
import { runUntilSignal } from '../run-until-signal.ts'
import { type Ready, Supervisor } from '../supervisor.ts'
import { throwAway } from '../throw-away.ts'

const requestsARound = 40
const roundMs = 1000

export async function demo(given: Settings): Promise<void> {
  const cleanup = new AsyncDisposableStack()
  const logLevel = given.logLevel === 'info' ? 'error' : given.logLevel
  const settings = { ...throwAway(given, cleanup), logLevel }
  const logger = createLogger(logLevel, { process: 'demo' })
  const supervisor = new Supervisor({ settings, clock: systemClock, logger })
  cleanup.defer(() => supervisor.stop())
  run(supervisor, settings, cleanup).catch(async (error: Error) => {
    console.error(`weir demo: ${error.message}`)
    await cleanup.disposeAsync()
    process.exit(1)
  })
  await runUntilSignal(async () => () => cleanup.disposeAsync())
}

async function run(
  supervisor: Supervisor,
  settings: Settings,
  cleanup: AsyncDisposableStack,
): Promise<void> {
  const ready = await supervisor.start()
  console.log(`weir is ready: api ${ready.api}, dns ${ready.dns}`)
  console.log('declaring four instances in two zones and creating a load balancer …')
  const system = await createSampleSystem(ready.api, settings.region)
  const traffic = cleanup.use(new Traffic(ready.dns, system.dnsName, demoPort))
  for (const instance of system.instances) cleanup.defer(() => instance.stop())
  printCommands(ready, settings, system, await traffic.addresses())
  listenForKeys(system)
  const timer = systemClock.every(roundMs, () => {
    traffic.send(requestsARound).then(
      (split) => printSplit(system, split),
      (error: Error) => console.log(`no answer: ${error.message}`),
    )
  })
  cleanup.defer(() => timer.cancel())
}

function printCommands(
  ready: Ready,
  settings: Settings,
  system: SampleSystem,
  addresses: readonly string[],
): void {
  const [dnsHost, dnsPort] = ready.dns.split(':')
  const { dnsName } = system
  const https = `--resolve ${dnsName}:${demoHttpsPort}:${addresses[0]} https://${dnsName}:${demoHttpsPort}/`
  const aws = `aws --endpoint-url ${ready.api} --region ${settings.region}`
  console.log(`
load balancer  ${dnsName}
${addresses.map((address) => `  curl http://${address}:${demoPort}/`).join('\n')}
  curl -o local-ca.pem ${ready.api}/_weir/local-ca.pem
  curl --cacert local-ca.pem ${https}
  dig +short -p ${dnsPort} @${dnsHost} ${dnsName}
  export AWS_ACCESS_KEY_ID=demo AWS_SECRET_ACCESS_KEY=demo
  ${aws} elb describe-load-balancers
  ${aws} elb describe-instance-health --load-balancer-name demo
  ${aws} ec2 stop-instances --instance-ids ${system.instances[0]?.id}
${process.stdin.isTTY ? 'Press 1 to 4 to stop or start an instance’s web server, Ctrl-C to end.\n' : ''}`)
}

function printSplit(system: SampleSystem, { answers, failed }: Split): void {
  const cells = system.instances.map(({ id, zone, running }, index) => {
    const count = answers.get(id) ?? 0
    const bar = '█'.repeat(Math.round(count / 4)).padEnd(10)
    return `${index + 1}·${zone.slice(-1)} ${bar} ${String(count).padStart(2)}${running ? ' ' : '×'}`
  })
  console.log(`${cells.join('  ')}  failed ${failed}`)
}

/** In a terminal, the keys 1 to 4 stop and start the instances' web servers. */
function listenForKeys(system: SampleSystem): void {
  const { stdin } = process
  if (!stdin.isTTY) return
  stdin.setRawMode(true)
  stdin.on('data', (keys: Buffer) => {
    const key = keys.toString('latin1')
    if (key === '\u0003') process.kill(process.pid, 'SIGINT')
    const instance = system.instances[Number(key) - 1]
    if (instance === undefined) return
    const change = instance.running ? instance.stop() : instance.start()
    change.catch((error: Error) => console.error(error.message))
  })
}
