import { describe, expect, test } from 'vitest'
import { plainOf, runsOf } from '../src/lib/ansi'
import part from '../src/parts/Ansi.svelte?raw'
import tokens from '../src/tokens.css?raw'

const ESC = '\x1b'
const looks = (text: string) => runsOf(text).map((run) => [run.text, run.look])

describe('the look of a text', () => {
  test.each([
    ['plain', 'no sequences\n\tat all', [['no sequences\n\tat all', '']]],
    [
      'colour and reset',
      `${ESC}[31merror${ESC}[0m: full`,
      [
        ['error', 'red'],
        [': full', ''],
      ],
    ],
    [
      'an empty reset',
      `${ESC}[32mok${ESC}[m.`,
      [
        ['ok', 'green'],
        ['.', ''],
      ],
    ],
    [
      'several at once',
      `${ESC}[1;4;96mGET${ESC}[22;24m /`,
      [
        ['GET', 'cyan bright bold underline'],
        [' /', 'cyan bright'],
      ],
    ],
    ['dim', `${ESC}[2m12:00${ESC}[22m`, [['12:00', 'dim']]],
    [
      'a colour by its number',
      `${ESC}[38;5;9ma${ESC}[38:5:2mb${ESC}[39mc`,
      [
        ['a', 'red bright'],
        ['b', 'green'],
        ['c', ''],
      ],
    ],
    ['colours without a name', `${ESC}[38;5;208;1ma${ESC}[38;2;1;4;31mb`, [['ab', 'bold']]],
    ['a ground', `${ESC}[48;5;1;30;41ma`, [['a', 'black']]],
    [
      'an underline of a kind',
      `${ESC}[4:3ma${ESC}[4:0mb`,
      [
        ['a', 'underline'],
        ['b', ''],
      ],
    ],
    ['codes that hide or blink', `${ESC}[8;5;7;999msecret`, [['secret', '']]],
    ['the same look twice', `${ESC}[31ma${ESC}[31mb`, [['ab', 'red']]],
    ['one character for two', '\x9b31mred\x9b0m', [['red', 'red']]],
  ])('%s', (_, text, expected) => expect(looks(text)).toEqual(expected))
})

describe('what is no look is removed', () => {
  test.each([
    ['moves and erasures', `a${ESC}[2Kb${ESC}[1;1Hc${ESC}[?25ld${ESC}[>0;1me`, 'abcde'],
    ['titles', `${ESC}]0;owned\x07a${ESC}]2;b${ESC}\\c`, 'ac'],
    ['links, not their text', `${ESC}]8;;https://evil.example${ESC}\\here${ESC}]8;;${ESC}\\`, 'here'],
    ['images and device strings', `a${ESC}Pq#0~~${ESC}\\b${ESC}_hidden${ESC}\\c\x9dx\x9cd`, 'abcd'],
    ['character sets and resets', `${ESC}(B${ESC}cfoo${ESC}7`, 'foo'],
    ['bells, backspaces, zeros', 'a\x07b\bc\0d\x7f', 'abcd'],
    ['escapes by themselves', `a${ESC}`, 'a'],
    ['what is cut off', `a${ESC}[31`, 'a31'],
    ['broken ones', `a${ESC}[31\nb`, 'a31\nb'],
  ])('%s', (_, text, expected) => expect(plainOf(text)).toBe(expected))

  test('and a string without an end hides nothing', () => {
    expect(plainOf(`a${ESC}]0;the rest of the line`)).toBe('a0;the rest of the line')
    expect(plainOf(`${ESC}P${ESC}[31mred`)).toBe('red')
  })

  test('whatever comes in', () => {
    const alphabet = [ESC, '[', ']', ';', ':', 'm', '3', '1', '\\', '\x07', '\x9b', '\x9d', 'P', ' ', 'x', '\n', '?']
    let seed = 1
    const next = () => (seed = (seed * 48271) % 2147483647)
    for (let round = 0; round < 2_000; round++) {
      const text = Array.from({ length: next() % 60 }, () => alphabet[next() % alphabet.length]).join('')
      expect(plainOf(text)).not.toMatch(/[\0-\x08\x0b-\x0c\x0e-\x1f\x7f-\x9f]/)
    }
  })
})

describe('hostile text', () => {
  test.each([
    ['looks', `${ESC}[31mx${ESC}[32my`],
    ['strings without end', `${ESC}]`],
    ['sequences without end', `${ESC}[1;`],
    ['parameters', '1;'],
  ])('of 200,000 characters of %s takes no time, and few elements', (_, part) => {
    const text = `${ESC}[${part}`.concat(part.repeat(200_000 / part.length))
    const from = performance.now()
    expect(runsOf(text).length).toBeLessThan(502)
    expect(performance.now() - from).toBeLessThan(2_000)
  })

  test('keeps its text beyond the last look', () => {
    const text = `${ESC}[31mx${ESC}[32my`.repeat(1_000)
    expect(plainOf(text)).toBe('xy'.repeat(1_000))
  })
})

describe('the colours', () => {
  const used = [...new Set([...part.matchAll(/color: var\((--[\w-]+)\)/g)].map((found) => found[1] ?? ''))]

  /** Luminance of a token, in light and dark. */
  function luminance(name: string): number[] {
    const line = new RegExp(`${name}: light-dark\\((.*)\\);`).exec(tokens)?.[1] ?? ''
    const parts = [...line.matchAll(/oklch\(([\d.]+) ([\d.]+) ([\d.]+)\)/g)]
    expect(parts, name).toHaveLength(2)
    return parts.map(([, l, c, h]) => ofOklch(Number(l), Number(c), Number(h)))
  }

  function ofOklch(lightness: number, chroma: number, hue: number): number {
    const [a, b] = [chroma * Math.cos((hue * Math.PI) / 180), chroma * Math.sin((hue * Math.PI) / 180)]
    const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3
    const red = 4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s
    const green = -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s
    const blue = -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s
    const [r = 0, g = 0, bl = 0] = [red, green, blue].map((one) => Math.min(1, Math.max(0, one)))
    return 0.2126 * r + 0.7152 * g + 0.0722 * bl
  }

  test('are the sixteen', () => {
    for (let code = 30; code < 38; code++) {
      const [name = ''] = (runsOf(`${ESC}[${code}mx`)[0]?.look ?? '').split(' ')
      expect(part).toContain(`.${name} {`)
      expect(runsOf(`${ESC}[${code + 60}mx`)[0]?.look).toBe(`${name} bright`)
    }
  })

  test.each(used)('%s can be read on every ground that a log stands on', (token) => {
    for (const ground of ['--ground', '--raised', '--sunk', '--hover', '--accent-soft']) {
      for (const theme of [0, 1]) {
        const [one = 0, other = 0] = [luminance(token)[theme] ?? 0, luminance(ground)[theme] ?? 0].toSorted(
          (a, b) => b - a,
        )
        expect((one + 0.05) / (other + 0.05), `on ${ground}`).toBeGreaterThanOrEqual(4.5)
      }
    }
  })
})
