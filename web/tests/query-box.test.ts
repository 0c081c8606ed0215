import { render } from '@testing-library/svelte'
import { expect, test } from 'vitest'
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
