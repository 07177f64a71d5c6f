/** What a child process tells the supervisor over the channel between them. */
export type FromChild =
  | { readonly type: 'control-ready'; readonly api: string; readonly dns: string }
  | { readonly type: 'proxy-ready' }

/** Without a supervisor (`weir control` run by itself) there is nobody to tell. */
export function tellSupervisor(message: FromChild): void {
  process.send?.(message, undefined, undefined, () => {
    // A supervisor that is gone is noticed by its disconnection.
  })
}
