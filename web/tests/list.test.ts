import { render } from '@testing-library/svelte'
import axe from 'axe-core'
import { flushSync } from 'svelte'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { shortcuts, shownKey, startKeys } from '../src/keys'
import { words } from '../src/parts/shortcuts'
import ListHost from './ListHost.svelte'

const press = (key: string, more: KeyboardEventInit = {}, target: EventTarget = document.activeElement ?? window) => {
  target.dispatchEvent(
    new KeyboardEvent('keydown', { key, code: key === ' ' ? 'Space' : '', bubbles: true, cancelable: true, ...more }),
  )
  flushSync()
}
let end: () => void
beforeEach(() => {
  end = startKeys()
})
afterEach(() => end())

describe('a list', () => {
  test('moves with j and k, selects with x and Shift x', () => {
    const { container } = render(ListHost)
    press('j')
    press('x')
    press('j')
    press('j')
    press('X', { shiftKey: true })
    expect([...container.querySelectorAll('tr.chosen')].map((row) => row.getAttribute('data-row'))).toEqual([
      'a',
      'b',
      'c',
    ])
    expect(container.querySelector('[role=toolbar]')?.textContent).toContain('3 selected')
    press('k')
    expect(document.activeElement?.getAttribute('data-row')).toBe('b')
  })

  test('takes * a for all, and the a does nothing else', () => {
    const spy = vi.fn()
    const { container } = render(ListHost, { props: { onassign: spy } })
    press('*', { shiftKey: true })
    press('a')
    expect(container.querySelectorAll('tr.chosen')).toHaveLength(3)
    expect(spy).not.toHaveBeenCalled()
  })

  test('leaves keys to a box one types in', () => {
    const { container, getByLabelText } = render(ListHost)
    const box = getByLabelText('Box')
    box.focus()
    press('x')
    press('j')
    expect(container.querySelectorAll('tr.chosen')).toHaveLength(0)
    expect(document.activeElement).toBe(box)
  })

  test('announces new rows without moving anything', () => {
    const { getByText, container } = render(ListHost, { props: { news: 12 } })
    expect(getByText(/12 new/)).toBeTruthy()
    expect(container.querySelectorAll('tr[data-row]')).toHaveLength(3)
  })

  test('shows an error with a way to try again', () => {
    const { getByRole, getByText } = render(ListHost, { props: { error: new Error('no luck') } })
    expect(getByRole('alert').textContent).toContain('no luck')
    expect(getByText('Retry')).toBeTruthy()
  })

  test.each(['full', 'empty', 'busy'] as const)('has no accessibility finding when %s', async (state) => {
    const { container } = render(ListHost, { props: { state } })
    const found = await axe.run(container, { rules: { 'color-contrast': { enabled: false } } })
    expect(found.violations.map((one) => `${one.id}: ${one.nodes[0]?.html}`)).toEqual([])
  })
})

test('no two shortcuts share keys, and all are shown and told', () => {
  const keys = shortcuts.flatMap((one) => [...one.keys] as string[])
  expect(new Set(keys).size).toBe(keys.length)
  expect(shortcuts.every((one) => shownKey(one.id) && words[one.id][1])).toBe(true)
})
