import type { CatalogView } from './answers.ts'

/** A service that clients find by the catalog of their token. */
export interface CatalogEntry {
  /** e.g. `elbv3`. */
  readonly type: string
  readonly name: string
  /** Below the address of this server; `{project_id}` stands for the token's project. */
  readonly path: string
}

/** The catalog as a token has it (Identity API v3, "Password authentication with scoped authorization"). */
export function catalogView(
  entries: readonly CatalogEntry[],
  { baseUrl, region, projectId }: { baseUrl: string; region: string; projectId: string | null },
): CatalogView[] {
  return entries
    .filter(({ path }) => projectId !== null || !path.includes('{project_id}'))
    .map(({ type, name, path }) => ({
      id: type,
      type,
      name,
      endpoints: (['public', 'internal', 'admin'] as const).map((face) => ({
        id: `${type}-${face}`,
        interface: face,
        region,
        region_id: region,
        url: baseUrl + path.replace('{project_id}', projectId ?? ''),
      })),
    }))
}
