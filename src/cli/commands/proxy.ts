import type { Settings } from '../../settings/settings.ts'
import { systemClock } from '../../std/clock.ts'
import { tellSupervisor } from '../child-messages.ts'
import { startProxy } from '../proxy-process.ts'
import { runUntilSignal, type Stop } from '../run-until-signal.ts'

export async function proxy(settings: Settings): Promise<void> {
  await runUntilSignal(() => start(settings))
}

async function start(settings: Settings): Promise<Stop> {
  const running = await startProxy(settings)
  void running.agent.linked.then(() => tellSupervisor({ type: 'proxy-ready' }))
  if (process.send === undefined) console.log('weir proxy is ready')
  return async () => {
    const timeout = Promise.withResolvers<void>()
    systemClock.after(settings.drainTimeout * 1000, timeout.resolve)
    await Promise.race([running.agent.drain(), timeout.promise])
    await running[Symbol.asyncDispose]()
  }
}
