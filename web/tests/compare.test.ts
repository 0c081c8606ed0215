import { expect, test } from 'vitest'
import { differences } from '../src/lib/compare'
import { event } from './bodies'

const tags = (pairs: Record<string, string>) => Object.entries(pairs).map(([key, value]) => ({ key, value }))

test('two equal events differ in nothing', () => {
  expect(differences(event({ tags: tags({ os: 'Linux' }) }), event({ tags: tags({ os: 'Linux' }) }))).toEqual([])
})

test('a changed, an added and a missing tag are told', () => {
  const here = event({ tags: tags({ os: 'Linux', shard: '3' }) })
  const there = event({ tags: tags({ os: 'Windows', region: 'eu' }) })
  expect(differences(here, there)).toEqual([
    { part: 'tags', name: 'os', here: 'Linux', there: 'Windows' },
    { part: 'tags', name: 'shard', here: '3', there: null },
    { part: 'tags', name: 'region', here: null, there: 'eu' },
  ])
})

test('contexts and extra are compared leaf by leaf, lists whole, trace ids not at all', () => {
  const here = event({
    contexts: { trace: { trace_id: 'a', op: 'x' }, state: { cart: { n: 2 } } },
    context: { lines: [1, 2] },
  })
  const there = event({
    contexts: { trace: { trace_id: 'b', op: 'x' }, state: { cart: { n: 3 } } },
    context: { lines: [1] },
  })
  expect(differences(here, there)).toEqual([
    { part: 'contexts', name: 'state.cart.n', here: '2', there: '3' },
    { part: 'extra', name: 'lines', here: '[1,2]', there: '[1]' },
  ])
})
