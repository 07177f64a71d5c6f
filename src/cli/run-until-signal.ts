/**
 * Runs a process until it is told to stop: by SIGTERM or SIGINT, or because its supervisor is gone. The first time it stops in
 * good order and exits 0; told again, it exits at once.
 */
export async function runUntilSignal(stop: () => Promise<void>): Promise<never> {
  await new Promise<void>((resolve) => {
    let told = false
    const tell = () => {
      if (told) process.exit(1)
      told = true
      resolve()
    }
    process.on('SIGTERM', tell)
    process.on('SIGINT', tell)
    process.on('disconnect', tell)
  })
  await stop()
  process.exit(0)
}
