import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { LEASE_MS, Live, mayHold } from '../src/lib/live'
import type { LiveMessage } from '../src/lib/types'

class FakeSource {
  static readonly CLOSED = 2
  static made: FakeSource[] = []
  readyState = 1
  onopen: (() => void) | null = null
  onerror: (() => void) | null = null
  onmessage: ((event: { data: string }) => void) | null = null
  constructor(readonly url: string) {
    FakeSource.made.push(this)
  }
  close() {
    this.readyState = FakeSource.CLOSED
  }
  static get open() {
    return FakeSource.made.filter((one) => one.readyState !== FakeSource.CLOSED)
  }
}

const news: LiveMessage = { topic: 'issues', kind: 'new', issue: '1', at: '2026-11-21T12:00:00Z' }
let tabs: Live[] = []
const tab = (states: string[] = []) => {
  const live = new Live('acme', (state) => states.push(state))
  tabs.push(live)
  return live
}

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('EventSource', FakeSource)
  FakeSource.made = []
})
afterEach(() => {
  for (const one of tabs) one.close()
  tabs = []
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

test.each([
  [null, true],
  [{ holder: 'me', until: 5 }, true],
  [{ holder: 'you', until: 50 }, false],
  [{ holder: 'you', until: 5 }, true],
])('a lease %j may be taken: %s', (lease, free) => {
  expect(mayHold(lease, 'me', 10)).toBe(free)
})

describe('one stream for all tabs', () => {
  test('asks for the topics somebody wants and hands on the news', () => {
    const heard: (LiveMessage | null)[] = []
    tab().listen(['issues'], (message) => heard.push(message))
    FakeSource.open[0]?.onmessage?.({ data: JSON.stringify(news) })
    expect(FakeSource.open.map((one) => one.url)).toEqual(['/api/0/organizations/acme/live/?topics=issues'])
    expect(heard).toEqual([news])
  })

  test('a second tab listens to the first instead of the server', async () => {
    const heard: (LiveMessage | null)[] = []
    tab().listen(['issues'], () => undefined)
    tab().listen(['issues'], (message) => heard.push(message))
    expect(FakeSource.open).toHaveLength(1)
    vi.useRealTimers()
    FakeSource.open[0]?.onmessage?.({ data: JSON.stringify(news) })
    await vi.waitFor(() => expect(heard).toEqual([news]))
  })

  test('the second tab takes over when the first closes', () => {
    const first = tab()
    first.listen(['issues'], () => undefined)
    tab().listen(['issues'], () => undefined)
    first.close()
    vi.advanceTimersByTime(5_000)
    expect(FakeSource.open).toHaveLength(1)
  })

  test('a second tab is told at once that the first is live', async () => {
    tab().listen(['issues'], () => undefined)
    FakeSource.open[0]?.onopen?.()
    vi.useRealTimers()
    const states: string[] = []
    tab(states).listen(['issues'], () => undefined)
    await vi.waitFor(() => expect(states).toEqual(['live']))
  })

  test('a lease that is given back is taken up at once', () => {
    const key = 'vedette.live.acme'
    localStorage.setItem(key, JSON.stringify({ holder: 'the page before', until: Date.now() + LEASE_MS }))
    tab().listen(['issues'], () => undefined)
    expect(FakeSource.open).toHaveLength(0)
    localStorage.removeItem(key)
    dispatchEvent(new StorageEvent('storage', { key, newValue: null }))
    expect(FakeSource.open).toHaveLength(1)
  })

  test('a broken stream turns into polling', () => {
    const states: string[] = []
    const heard: (LiveMessage | null)[] = []
    tab(states).listen(['issues'], (message) => heard.push(message))
    for (let i = 0; i < 3; i++) FakeSource.open[0]?.onerror?.()
    vi.advanceTimersByTime(16_000)
    expect(states).toEqual(['polling'])
    expect(heard).toEqual([null])
  })
})
