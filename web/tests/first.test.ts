import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { answers } from '../src/lib/boot'
import { session } from '../src/lib/session.svelte'
import { Stream } from '../src/lib/stream.svelte'
import type { User } from '../src/lib/types'
import { issue } from './bodies'

const LIST = '/organizations/acme/issues/?query=&limit=50'
const asked = vi.fn((_: string) => Promise.resolve(new Response('[]')))

beforeEach(() => {
  vi.stubGlobal('fetch', asked)
  asked.mockClear()
})
afterEach(() => {
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
  document.body.innerHTML = ''
})

test('the list that came with the page is there before anything is drawn', () => {
  answers[LIST] = { body: [issue()], hits: 7 }
  const stream = new Stream()
  void stream.load('acme', LIST, '')
  expect(stream.rows).toHaveLength(1)
  expect([stream.hits, stream.busy]).toEqual([7, false])
  expect(asked).not.toHaveBeenCalled()
})

test('without one the list waits, and is not an empty one', async () => {
  const stream = new Stream()
  const done = stream.load('acme', LIST, '')
  expect(stream.busy).toBe(true)
  await done
  expect(asked).toHaveBeenCalledOnce()
})

test('a page that is still on its way is waited for, not asked again', async () => {
  vi.resetModules()
  document.body.innerHTML = `<script type="application/json" id="boot">{"coming":["${LIST}"]}</script>`
  vi.spyOn(document, 'readyState', 'get').mockReturnValue('loading')
  const { get } = await import('../src/lib/api')
  const list = get<{ id: string }[]>(LIST)
  await get('/organizations/acme/issues/7/')
  expect(asked).toHaveBeenCalledOnce()
  const end = { [LIST]: { body: [{ id: '3' }], hits: 7 } }
  document.body.innerHTML += `<script type="application/json" id="answers">${JSON.stringify(end)}</script>`
  document.dispatchEvent(new Event('DOMContentLoaded'))
  expect(await list).toMatchObject({ data: [{ id: '3' }], hits: 7 })
  expect(asked).toHaveBeenCalledOnce()
})

test.each(['', '{"/organ'])('of a page that was cut off (%j), the answers are asked for', async (rest) => {
  vi.resetModules()
  document.body.innerHTML = `<script type="application/json" id="boot">{"coming":["${LIST}"]}</script>`
  document.body.innerHTML += `<script type="application/json" id="answers">${rest}</script>`
  const { get } = await import('../src/lib/api')
  await get(LIST)
  expect(asked).toHaveBeenCalledOnce()
})

test('of a page whose connection broke, which no browser ever ends, the answers are asked for', async () => {
  vi.resetModules()
  vi.useFakeTimers()
  document.body.innerHTML = `<script type="application/json" id="boot">{"coming":["${LIST}"]}</script>`
  vi.spyOn(document, 'readyState', 'get').mockReturnValue('loading')
  const { get } = await import('../src/lib/api')
  const list = get(LIST)
  await vi.advanceTimersByTimeAsync(9_000)
  expect(asked).not.toHaveBeenCalled()
  await vi.advanceTimersByTimeAsync(1_000)
  await list
  expect(asked).toHaveBeenCalledOnce()
  // its end comes at last: too late to be news
  document.body.innerHTML = `<script type="application/json" id="answers">{"${LIST}":{"body":[]}}</script>`
  document.dispatchEvent(new Event('DOMContentLoaded'))
  await get(LIST)
  expect(asked).toHaveBeenCalledTimes(2)
  vi.useRealTimers()
})

test('what no page looks at is not asked for', () => {
  session.user = { id: '1' } as User
  session.enter('quiet')
  expect(asked).not.toHaveBeenCalled()
  expect([session.projects, session.settled]).toEqual([[], false])
  expect(asked).toHaveBeenCalledTimes(2)
})

test('an answer about the organization one has left does not become that of the other', async () => {
  const late: ((answer: Response) => void)[] = []
  asked.mockImplementationOnce(() => new Promise((done) => late.push(done)))
  session.user = { id: '1' } as User
  session.enter('left')
  expect(session.projects).toEqual([])
  session.enter('other')
  asked.mockImplementation(() => Promise.resolve(new Response('[{"id":"2","slug":"till","name":"Till"}]')))
  expect(session.projects).toEqual([])
  await vi.waitFor(() => expect(session.settled).toBe(true))
  for (const done of late) done(new Response('[{"id":"1","slug":"shop","name":"Shop"}]'))
  await new Promise((done) => setTimeout(done))
  expect(session.projects.map((one) => one.slug)).toEqual(['till'])
  asked.mockImplementation(() => Promise.resolve(new Response('[]')))
})

test('what filters name comes with the page, too', async () => {
  // as src/vedette/ui/first.py asks for them
  answers['/organizations/acme/projects/?per_page=100'] = { body: [{ id: '1', slug: 'shop', name: 'Shop' }] }
  answers['/organizations/acme/environments/'] = { body: [{ name: 'production' }] }
  session.user = { id: '1' } as User
  session.enter('acme')
  await vi.waitFor(() => expect(session.environments).toEqual(['production']))
  expect(session.project('shop')?.name).toBe('Shop')
  expect(asked).not.toHaveBeenCalled()
})
