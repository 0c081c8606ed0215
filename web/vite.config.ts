import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import type { Plugin } from 'vite'
import { defineConfig } from 'vitest/config'

type Shape = Record<string, string>

/** What each element of an icon is as a part of one path. */
const AS_PATH: Record<string, (shape: Shape) => string> = {
  // relative at its beginning, it would go on from where the path before it ended
  path: ({ d = '' }) =>
    d.replace(/^m\s*(-?[\d.]+)[\s,]*(-?[\d.]+)\s*(?=([-\d.])?)/, (_, x, y, l) => `M${x} ${y}${l ? 'l' : ''}`),
  line: ({ x1, y1, x2, y2 }) => `M${x1} ${y1}L${x2} ${y2}`,
  polyline: ({ points }) => `M${points}`,
  circle: ({ cx, cy, r }) =>
    `M${Number(cx) - Number(r)} ${cy}a${r} ${r} 0 1 0 ${2 * Number(r)} 0a${r} ${r} 0 1 0 ${-2 * Number(r)} 0`,
  rect: ({ x, y, width, height, rx: r = '0' }) => {
    const [across, down] = [Number(width) - 2 * Number(r), Number(height) - 2 * Number(r)]
    const corner = (dx: string, dy: string) => `a${r} ${r} 0 0 1 ${dx}${r} ${dy}${r}`
    return `M${Number(x) + Number(r)} ${y}h${across}${corner('', '')}v${down}${corner('-', '')}h${-across}${corner('-', '-')}v${-down}${corner('', '-')}z`
  },
}

/** `import body from 'icon:inbox'` gives the drawing inside one lucide icon as one path: a list has two hundred icons. */
function icons(): Plugin {
  const file = (name: string) => fileURLToPath(new URL(`node_modules/lucide-static/icons/${name}.svg`, import.meta.url))
  return {
    name: 'icons',
    resolveId: (id) => (id.startsWith('icon:') ? `\0${id}` : undefined),
    load(id) {
      if (!id.startsWith('\0icon:')) return
      const [, ...elements] = [...readFileSync(file(id.slice(6)), 'utf8').matchAll(/<(\w+)([^>]*)>/g)]
      const parts = elements.map(([, name = '', attributes = '']) => {
        const shape = Object.fromEntries(
          [...attributes.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key, value]),
        )
        return (AS_PATH[name] ?? this.error(`${id}: no path for <${name}>`))(shape as Shape)
      })
      return `export default ${JSON.stringify(parts.join(''))}`
    },
  }
}

/** Everything the entry needs before it runs, as one chunk: it packs better than two dozen shared crumbs. */
const eager = new Set<string>()
function firstLoad(): Plugin {
  return {
    name: 'first-load',
    apply: 'build',
    buildEnd() {
      const walk = (id: string) => {
        if (eager.has(id)) return
        eager.add(id)
        for (const next of this.getModuleInfo(id)?.importedIds ?? []) walk(next)
      }
      for (const id of this.getModuleIds()) if (id.endsWith('/src/main.ts')) walk(id)
    },
  }
}

/** The entry stands where index.html has it, not in the head: it runs once what it reads stands above it. */
function entryInPlace(): Plugin {
  return {
    name: 'entry-in-place',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler: (html) => {
        const [entry = ''] = /<script async type="module"[^>]*><\/script>\s*/.exec(html) ?? []
        const answers = '<script type="application/json" id="answers">'
        return html.replace(entry, '').replace(answers, entry + answers)
      },
    },
  }
}

/** The icon of the tab stands in the page: a file more costs the browser more than its few bytes. */
function iconInPage(): Plugin {
  const icon = readFileSync(fileURLToPath(new URL('public/favicon.svg', import.meta.url)), 'utf8').trim()
  return {
    name: 'icon-in-page',
    transformIndexHtml: {
      order: 'post',
      handler: (html) => html.replace('./favicon.svg', `data:image/svg+xml,${encodeURIComponent(icon)}`),
    },
  }
}

/** Chunks are named by number of their content only: names like "track" or "replay" get blocked by content blockers. */
export default defineConfig({
  base: './',
  plugins: [icons(), firstLoad(), entryInPlace(), iconInPage(), svelte()],
  build: {
    outDir: '../src/vedette/ui/static',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    manifest: 'manifest.json',
    rolldownOptions: {
      output: {
        entryFileNames: 'assets/[hash].js',
        chunkFileNames: 'assets/[hash].js',
        assetFileNames: 'assets/[hash][extname]',
        hashCharacters: 'base36',
        codeSplitting: { groups: [{ name: 'base', test: (id: string) => eager.has(id) }] },
      },
    },
  },
  server: { proxy: { '/api': { target: process.env['VEDETTE_DEV'] ?? 'http://127.0.0.1:8000' } } },
  resolve: process.env['VITEST'] ? { conditions: ['browser'] } : {},
  test: {
    environment: 'jsdom',
    include: ['tests/**/*.test.ts'],
    setupFiles: ['tests/setup.ts'],
    css: { include: [/tokens\.css/] }, // a test reads the colours
  },
})
