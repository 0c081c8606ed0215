import { describe, expect, test } from 'vitest'
import { findPlatforms, platformOf, platforms } from '../src/lib/platforms'
import { sampleEvent } from '../src/lib/sample'
import { agentPrompt, curlLine, dsnParts, guideFor, hasGuide, type Feature } from '../src/lib/snippets'

const DSN = 'https://abc123@mon.example/base/7'

describe('a DSN', () => {
  test('comes apart into key, address and project', () => {
    expect(dsnParts(DSN)).toEqual({ key: 'abc123', base: 'https://mon.example/base', project: '7' })
  })
  test('makes a curl line for the store endpoint', () => {
    const line = curlLine(DSN)
    expect(line).toContain("'https://mon.example/base/api/7/store/'")
    expect(line).toContain('sentry_key=abc123')
  })
})

describe('every platform of the picker', () => {
  test.each(platforms.map((one) => one.id))('%s has a guide with the DSN in it', (id) => {
    expect(hasGuide(id)).toBe(true)
    const guide = guideFor(id, { dsn: DSN, on: new Set() })
    const texts = [...guide.install, ...guide.configure, ...guide.verify].map((part) => part.code)
    expect(texts.every((text) => text.trim().length > 0)).toBe(true)
    expect(texts.some((text) => text.includes(DSN) || text.includes('abc123'))).toBe(true)
  })
  test.each(platforms.map((one) => one.id))('%s changes with each feature it offers', (id) => {
    const all = (on: Feature[]) => JSON.stringify(guideFor(id, { dsn: DSN, on: new Set(on) }))
    for (const feature of guideFor(id, { dsn: DSN, on: new Set() }).features) expect(all([feature])).not.toBe(all([]))
  })
  test('is there about forty times, each once', () => {
    expect(platforms.length).toBeGreaterThanOrEqual(40)
    expect(new Set(platforms.map((one) => one.id)).size).toBe(platforms.length)
  })
})

describe('looking for a platform', () => {
  test.each([
    ['django', 'python-django'],
    ['node express', 'node-express'],
    ['golang', 'go'],
    ['otlp', 'opentelemetry'],
  ])('%s finds %s', (words, id) => {
    expect(findPlatforms(words).map((one) => one.id)).toContain(id)
  })
  test('nothing fits nonsense', () => expect(findPlatforms('zzz')).toEqual([]))
})

test('an unknown platform falls back to its family, then to itself', () => {
  expect(platformOf('python-bottle').name).toBe('Python')
  expect(platformOf('cobol').name).toBe('cobol')
  expect(platformOf(null).name).toBe('Something else')
  expect(guideFor('python-bottle', { dsn: DSN, on: new Set() }).install[0]?.code).toContain('sentry-sdk')
})

test('the prompt for an agent names platform and DSN', () => {
  const prompt = agentPrompt('Django', 'python-django', DSN)
  expect(prompt).toContain('Django')
  expect(prompt).toContain(DSN)
})

test('the sample event is tagged as one', () => {
  const event = sampleEvent('a'.repeat(32), 1_700_000_000_000)
  expect(event['tags']).toEqual({ sample: 'yes' })
  expect(event['timestamp']).toBe(1_700_000_000)
})
