import { fireEvent, render } from '@testing-library/svelte'
import { expect, test, vi } from 'vitest'
import QueryBox from '../src/parts/QueryBox.svelte'

test('what is wrong with a query is said in the same words before and after the server has answered', async () => {
  const { getByRole, rerender } = render(QueryBox, { props: { value: 'level:(', onrun: () => undefined } })
  const before = getByRole('status').textContent
  expect(before).toBeTruthy()
  await rerender({ refused: 'a bracket is opened and never closed, which the server says in more words' })
  expect(getByRole('status').textContent).toBe(before)
})

test('what only the server finds is said as it says it', async () => {
  const { getByRole, queryByRole, rerender } = render(QueryBox, {
    props: { value: 'is:nothing', onrun: () => undefined },
  })
  expect(queryByRole('status')).toBeNull()
  await rerender({ refused: 'is:nothing is not known' })
  expect(getByRole('status').textContent).toBe('is:nothing is not known')
})

test('arrows go through the list from either end, Shift Enter runs the query without closing it', async () => {
  const onrun = vi.fn()
  const { getByRole, findAllByRole } = render(QueryBox, { props: { value: 'is:', onrun } })
  const box = getByRole('combobox')
  await fireEvent.focus(box)
  const offers = await findAllByRole('option')
  const chosen = () => offers.findIndex((one) => one.getAttribute('aria-selected') === 'true')
  const after = async (key: string, more = {}) => (await fireEvent.keyDown(box, { key, ...more }), chosen())
  expect(offers.length).toBeGreaterThan(2)
  expect([await after('ArrowUp'), await after('ArrowDown')]).toEqual([offers.length - 1, 0])
  await after('Enter', { shiftKey: true })
  expect(onrun.mock.calls).toEqual([['is:']])
  expect(box.getAttribute('aria-expanded')).toBe('true')
  await after('ArrowDown')
  await after('Enter')
  expect(onrun).toHaveBeenCalledOnce()
  await after('Enter', { shiftKey: true })
  expect(onrun.mock.lastCall?.[0]).not.toBe('is:')
  await new Promise(requestAnimationFrame) // what sets the caret
})
