import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import type { Plugin } from 'vite'
import { defineConfig } from 'vitest/config'

/** `import body from 'icon:inbox'` gives the drawing inside one lucide icon, without its wrapper. */
function icons(): Plugin {
  const file = (name: string) => fileURLToPath(new URL(`node_modules/lucide-static/icons/${name}.svg`, import.meta.url))
  return {
    name: 'icons',
    resolveId: (id) => (id.startsWith('icon:') ? `\0${id}` : undefined),
    load(id) {
      if (!id.startsWith('\0icon:')) return
      const svg = readFileSync(file(id.slice(6)), 'utf8')
      const body = /<svg[^>]*>([\s\S]*)<\/svg>/.exec(svg)?.[1] ?? ''
      // single quotes need no escape in a string of code
      const plain = body
        .replace(/\s*\n\s*/g, '')
        .replace(/"/g, "'")
        .replace(/ \/>/g, '/>')
      return `export default ${JSON.stringify(plain)}`
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

/** Chunks are named by number of their content only: names like "track" or "replay" get blocked by content blockers. */
export default defineConfig({
  base: './',
  plugins: [icons(), firstLoad(), entryInPlace(), svelte()],
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
