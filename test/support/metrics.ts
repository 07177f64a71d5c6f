import type { Weir } from './weir.ts'

/** How many connections of clients a system has, as `/metrics` tells. */
export async function openConnections(weir: Weir): Promise<number> {
  const text = await (await fetch(`${weir.api}/metrics`)).text()
  const values = [...text.matchAll(/^weir_open_client_connections\{.*\} (\d+)$/gm)]
  return values.reduce((sum, [, value]) => sum + Number(value), 0)
}
