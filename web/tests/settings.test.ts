import { describe, expect, test } from 'vitest'
import { ApiError } from '../src/lib/api'
import { Draft } from '../src/lib/draft.svelte'
import { settingsPlaces } from '../src/lib/places'
import { outcomeText, reasonText } from '../src/lib/reasons'
import { rolesUpTo } from '../src/lib/roles'
import { matches, scrubbed } from '../src/lib/scrubtest'
import { lines } from '../src/lib/settings'
import { seriesWhere, silentDays, totalWhere, type Stats } from '../src/lib/usage'
import { signalOf, Waiting } from '../src/lib/waiting.svelte'

describe('a draft', () => {
  test('sends what changed, and nothing else', async () => {
    let sent: unknown
    const draft = new Draft({ name: 'a', tags: ['x'] }, async (changes) => void (sent = changes))
    expect(draft.dirty).toBe(false)
    draft.values.tags.push('y')
    expect(draft.dirty).toBe(true)
    expect(await draft.save()).toBe(true)
    expect(sent).toEqual({ tags: ['x', 'y'] })
    expect(draft.dirty).toBe(false)
  })
  test('takes the values that the server gives back', async () => {
    const draft = new Draft({ slug: 'Shop' }, async () => ({ slug: 'shop' }))
    draft.values.slug = 'SHOP'
    await draft.save()
    expect(draft.values.slug).toBe('shop')
    expect(draft.dirty).toBe(false)
  })
  test('puts refusals beside their fields, and keeps what was typed', async () => {
    const draft = new Draft({ slug: 'a' }, async () => {
      throw new ApiError(400, 'slug: taken', { slug: ['taken'] }, null, '/x/')
    })
    draft.values.slug = 'b'
    expect(await draft.save()).toBe(false)
    expect(draft.errors).toEqual({ slug: 'taken' })
    expect(draft.problem).toBe('')
    expect(draft.values.slug).toBe('b')
  })
  test('says a refusal that belongs to no field', async () => {
    const draft = new Draft({ slug: 'a' }, async () => {
      throw new ApiError(403, 'not allowed', {}, null, '/x/')
    })
    await draft.save()
    expect(draft.problem).toBe('not allowed')
  })
  test('goes back when discarded', () => {
    const draft = new Draft<{ on: boolean }>({ on: true }, async () => undefined)
    draft.values.on = false
    draft.discard()
    expect(draft.values.on).toBe(true)
  })
})

test('settings lead to pages of the organization, or of one project', () => {
  const paths = (org: string, project: string) =>
    settingsPlaces(org, project).flatMap((group) => group.places.map((place) => place.path))
  expect(paths('acme', '')).toContain('/settings/acme/members/')
  expect(paths('acme', 'shop')).toContain('/settings/acme/projects/shop/keys/')
})

test.each([
  [undefined, 'Stored'],
  ['unknown_key', 'The key in the DSN does not exist here'],
  ['too_large:event', 'Larger than the limit: event'],
  ['Sampled:3', 'Sampled away by a rule'],
  ['something_new', 'something new'],
])('reason %s reads: %s', (reason, text) => expect(reasonText(reason)).toBe(text))

test('outcomes read as words', () => expect(outcomeText('rate_limited')).toBe('Rate limited'))

test('nobody gives a role above the own', () => {
  expect(rolesUpTo('admin').map(([id]) => id)).toEqual(['member', 'admin'])
  expect(rolesUpTo('owner')).toHaveLength(4)
})

test('lines leave blanks out', () => expect(lines(' a \n\n b')).toEqual(['a', 'b']))

describe('a scrubbing pattern', () => {
  const event = { user: { email: 'ada@x.io' }, extra: ['ADA', '[Filtered]'], _meta: { a: 'ada' } }
  test.each([
    ['ada', 1],
    ['(?i)ada', 2],
    ['[', null],
  ])('%s matches %s values', (pattern, n) => expect(matches(event, pattern)).toBe(n))
  test('shows what was scrubbed already', () => expect(scrubbed(event)).toBe(1))
})

describe('usage', () => {
  const stats: Stats = {
    start: '',
    end: '',
    intervals: ['2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z'],
    groups: [
      { by: { project: 7, outcome: 'accepted' }, totals: { 'sum(quantity)': 3 }, series: { 'sum(quantity)': [3, 0] } },
      { by: { project: 8, outcome: 'accepted' }, totals: { 'sum(quantity)': 5 }, series: { 'sum(quantity)': [0, 5] } },
    ],
  }
  test('is added up by group', () => {
    expect(totalWhere(stats, { project: '7' })).toBe(3)
    expect(totalWhere(stats, { outcome: 'accepted' })).toBe(8)
    expect(seriesWhere(stats, { outcome: 'accepted' }).map(([, n]) => n)).toEqual([3, 5])
  })
  test('tells for how long a project is silent', () => {
    const now = Date.parse('2026-01-05T00:00:00Z')
    expect(silentDays(seriesWhere(stats, { project: '7' }), now)).toBe(4)
    expect(silentDays(seriesWhere(stats, { project: '9' }), now)).toBeNull()
  })
})

describe('waiting for events', () => {
  const at = '2026-01-01T00:00:00Z'
  test('lights a signal up when it comes, for its own project only', () => {
    const waiting = new Waiting()
    waiting.hear({ topic: 'project:other', kind: 'received', category: 'error', at }, 'shop')
    expect(waiting.anything).toBe(false)
    waiting.hear({ topic: 'project:shop', kind: 'received', category: 'span', issue: '5', at }, 'shop')
    expect(waiting.has('transaction')).toBe(true)
    expect(waiting.issue).toBe('5')
  })
  test('keeps the newest refusals', () => {
    const waiting = new Waiting()
    for (let i = 0; i < 12; i++) waiting.hear({ topic: 'project:shop', kind: 'rejected', reason: `r${i}`, at }, 'shop')
    expect(waiting.refused).toHaveLength(8)
    expect(waiting.refused[0]?.reason).toBe('r11')
  })
  test('reads flags of the project', () => {
    const waiting = new Waiting()
    waiting.project = { id: '1', slug: 'shop', name: 'Shop', platform: null, hasSessions: true }
    expect(waiting.has('session')).toBe(true)
    expect(waiting.has('error')).toBe(false)
  })
  test.each([
    ['default', 'error'],
    ['profile_chunk', 'profile'],
    ['replay', 'replay'],
  ])('category %s is the signal %s', (category, signal) => expect(signalOf(category)).toBe(signal))
})
