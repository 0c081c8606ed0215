/** Where we are: the path below the prefix and its parameters. The URL is the state; everything else is derived. */
import { boot } from './boot'

class Here {
  path = $state('/')
  search = $state('')
  hash = $state('')
  /** how this place was reached; `back` restores what was kept of it */
  way = $state<'load' | 'go' | 'back' | 'replace'>('load')
  params = $derived(new URLSearchParams(this.search))

  read(way: Here['way']): void {
    const path = location.pathname
    this.path = path.startsWith(boot.prefix) ? path.slice(boot.prefix.length) || '/' : path
    this.search = location.search
    this.hash = location.hash
    this.way = way
  }
}

export const here = new Here()

/** Absolute URL path of one of our pages, prefix included: for `href`. */
export function to(path: string, params?: URLSearchParams): string {
  const search = params?.toString()
  return boot.prefix + path + (search ? `?${search}` : '')
}

/** Goes to an `href` made by `to`. */
export function go(href: string, options: { replace?: boolean } = {}): void {
  if (href === location.pathname + location.search + location.hash) return
  if (options.replace) history.replaceState(history.state, '', href)
  else {
    history.replaceState({ ...(history.state as object | null), y: scrollY }, '')
    history.pushState(null, '', href)
  }
  here.read(options.replace ? 'replace' : 'go')
}

/** Changes some parameters of this place; null removes one, an array repeats it. */
export function setParams(
  changes: Record<string, string | string[] | null>,
  options: { replace?: boolean } = {},
): void {
  go(to(here.path, changed(here.params, changes)), options)
}

export function changed(params: URLSearchParams, changes: Record<string, string | string[] | null>): URLSearchParams {
  const next = new URLSearchParams(params)
  for (const [key, value] of Object.entries(changes)) {
    next.delete(key)
    for (const one of value === null ? [] : [value].flat()) next.append(key, one)
  }
  return next
}

/** Follows clicks on our own links without a page load. Gives back the end of it. */
export function startRouter(): () => void {
  history.scrollRestoration = 'manual'
  here.read('load')
  const onPop = () => here.read('back')
  addEventListener('popstate', onPop)
  document.addEventListener('click', onClick)
  return () => {
    removeEventListener('popstate', onPop)
    document.removeEventListener('click', onClick)
  }
}

function onClick(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0) return
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
  const anchor = (event.target as Element | null)?.closest?.('a[href]')
  if (!(anchor instanceof HTMLAnchorElement) || !ours(anchor)) return
  event.preventDefault()
  go(anchor.pathname + anchor.search + anchor.hash)
}

function ours(anchor: HTMLAnchorElement): boolean {
  if (anchor.target || anchor.hasAttribute('download') || anchor.origin !== location.origin) return false
  if (!anchor.pathname.startsWith(`${boot.prefix}/`)) return false
  const path = anchor.pathname.slice(boot.prefix.length)
  if (anchor.hash && path === here.path && anchor.search === location.search) return false
  return !/^\/(api|mcp|_health)\//.test(path)
}

/** Where the page was scrolled when it was left. */
export function keptScroll(): number {
  return (history.state as { y?: number } | null)?.y ?? 0
}
