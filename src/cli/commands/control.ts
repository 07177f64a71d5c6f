import type { Settings } from '../../settings/settings.ts'
import { tellSupervisor } from '../child-messages.ts'
import { startControl } from '../control-process.ts'
import { runUntilSignal, type Stop } from '../run-until-signal.ts'

export async function control(settings: Settings): Promise<void> {
  await runUntilSignal(() => start(settings))
}

async function start(settings: Settings): Promise<Stop> {
  const running = await startControl(settings)
  if (running.newRootKey !== null) {
    const { accessKeyId, secretAccessKey } = running.newRootKey
    console.log(`root access key, shown this once:
  export AWS_ACCESS_KEY_ID=${accessKeyId}
  export AWS_SECRET_ACCESS_KEY=${secretAccessKey}`)
  }
  tellSupervisor({ type: 'control-ready', api: running.apiUrl, dns: running.dnsAddress })
  if (process.send === undefined) {
    console.log(`weir control is ready: api ${running.apiUrl}, dns ${running.dnsAddress}`)
  }
  return async () => {
    await running[Symbol.asyncDispose]()
  }
}
