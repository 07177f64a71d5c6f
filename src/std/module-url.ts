/** URL of a module beside the caller's: `.ts` when run from source, `.js` when run from `dist/`. */
export function moduleBeside(name: string, importMetaUrl: string): URL {
  return new URL(`${name}${importMetaUrl.endsWith('.ts') ? '.ts' : '.js'}`, importMetaUrl)
}
