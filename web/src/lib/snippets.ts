/**
 * How each platform is set up: install, configure, verify, with the real DSN filled in.
 * Written for the SDKs of late 2026 (Python 2.75, JavaScript 11, PHP 4, Ruby 6, Java 8, Cocoa 9).
 */

export type Feature = 'tracing' | 'logs' | 'profiling' | 'replay' | 'crons' | 'feedback' | 'ai'

export interface Variant {
  label: string
  /** grammar of the highlighter; empty for plain text */
  language: string
  code: string
}
export interface Guide {
  install: Variant[]
  configure: Variant[]
  verify: Variant[]
  /** what can be added to the snippet */
  features: readonly Feature[]
}
/** What a guide is made from. */
export interface Wanted {
  dsn: string
  on: ReadonlySet<Feature>
}
type Make = (wanted: Wanted) => Guide

const sh = (label: string, code: string): Variant => ({ label, language: 'clike', code })
const one = (label: string, language: string, code: string): Variant[] => [{ label, language, code }]

/** Lines, without those that are switched off. */
function lines(...texts: (string | false)[]): string {
  return texts.filter((text) => text !== false).join('\n')
}

// ── Python ────────────────────────────────────────────────────────────────────────────

const PY_FEATURES = ['tracing', 'logs', 'profiling', 'crons', 'ai'] as const

function pyInstall(extra = ''): Variant[] {
  const name = extra ? `"sentry-sdk[${extra}]"` : 'sentry-sdk'
  return [sh('pip', `pip install --upgrade ${name}`), sh('uv', `uv add ${name}`), sh('Poetry', `poetry add ${name}`)]
}

function pyInit({ dsn, on }: Wanted, integration = ''): string {
  return lines(
    'import sentry_sdk',
    integration !== '' && `from sentry_sdk.integrations.${integration}`,
    '',
    'sentry_sdk.init(',
    `    dsn="${dsn}",`,
    '    send_default_pii=True,  # user and request data; leave out to keep them private',
    (on.has('tracing') || on.has('profiling') || on.has('ai')) && '    traces_sample_rate=1.0,',
    on.has('logs') && '    enable_logs=True,',
    on.has('profiling') && '    profile_session_sample_rate=1.0,',
    on.has('profiling') && '    profile_lifecycle="trace",',
    ')',
    on.has('crons') && '',
    on.has('crons') && 'from sentry_sdk.crons import monitor',
    on.has('crons') && '',
    on.has('crons') && '@monitor(monitor_slug="nightly-report")',
    on.has('crons') && 'def nightly_report(): ...',
    on.has('ai') && '',
    on.has('ai') && '# calls of openai, anthropic, langchain and others are recorded by themselves',
  )
}

const pyError = (on: ReadonlySet<Feature>) =>
  lines('1 / 0', on.has('logs') && '', on.has('logs') && 'sentry_sdk.logger.info("Vedette hears me")')

function python(
  file: string,
  extra: string,
  verify: (wanted: Wanted) => Variant[],
  around: (init: string) => string = (init) => init,
): Make {
  return (wanted) => ({
    install: pyInstall(extra),
    configure: one(file, 'python', around(pyInit(wanted))),
    verify: verify(wanted),
    features: PY_FEATURES,
  })
}

// ── JavaScript ────────────────────────────────────────────────────────────────────────

const WEB_FEATURES = ['tracing', 'logs', 'replay', 'feedback'] as const
const NODE_FEATURES = ['tracing', 'logs', 'profiling', 'crons', 'ai'] as const

function npm(...names: string[]): Variant[] {
  const all = names.join(' ')
  return [
    sh('npm', `npm install ${all}`),
    sh('pnpm', `pnpm add ${all}`),
    sh('yarn', `yarn add ${all}`),
    sh('bun', `bun add ${all}`),
  ]
}

function webIntegrations(on: ReadonlySet<Feature>, tracing: string): string[] {
  return [
    on.has('tracing') ? tracing : '',
    on.has('replay') ? 'Sentry.replayIntegration()' : '',
    on.has('feedback') ? 'Sentry.feedbackIntegration()' : '',
    on.has('logs') ? 'Sentry.consoleLoggingIntegration()' : '',
  ].filter(Boolean)
}

function jsOptions(
  dsn: string,
  on: ReadonlySet<Feature>,
  integrations: readonly string[],
  first: readonly string[] = [],
): string {
  return lines(
    ...first.map((text) => `  ${text},`),
    `  dsn: "${dsn}",`,
    integrations.length > 0 && `  integrations: [\n${integrations.map((text) => `    ${text},`).join('\n')}\n  ],`,
    (on.has('tracing') || on.has('profiling') || on.has('ai')) && '  tracesSampleRate: 1.0,',
    on.has('profiling') && '  profileSessionSampleRate: 1.0,',
    on.has('profiling') && '  profileLifecycle: "trace",',
    on.has('replay') && '  replaysSessionSampleRate: 0.1,',
    on.has('replay') && '  replaysOnErrorSampleRate: 1.0,',
  )
}

function webInit(
  { dsn, on }: Wanted,
  name: string,
  tracing = 'Sentry.browserTracingIntegration()',
  first: readonly string[] = [],
): string {
  return lines(
    `import * as Sentry from "${name}";`,
    '',
    'Sentry.init({',
    jsOptions(dsn, on, webIntegrations(on, tracing), first),
    '});',
  )
}

const WEB_ERROR = (on: ReadonlySet<Feature>) =>
  lines(
    'setTimeout(() => { throw new Error("Vedette, can you see me?"); });',
    on.has('logs') && 'console.warn("and this line as a log");',
  )

function web(name: string, file: string, around: (init: string, wanted: Wanted) => string = (init) => init): Make {
  return (wanted) => ({
    install: npm(name),
    configure: one(file, 'typescript', around(webInit(wanted, name), wanted)),
    verify: one('Anywhere', 'typescript', WEB_ERROR(wanted.on)),
    features: WEB_FEATURES,
  })
}

function nodeInit({ dsn, on }: Wanted, name = '@sentry/node'): string {
  const integrations = [
    on.has('profiling') ? 'nodeProfilingIntegration()' : '',
    on.has('logs') ? 'Sentry.consoleLoggingIntegration()' : '',
  ].filter(Boolean)
  return lines(
    `import * as Sentry from "${name}";`,
    on.has('profiling') && 'import { nodeProfilingIntegration } from "@sentry/profiling-node";',
    '',
    'Sentry.init({',
    jsOptions(dsn, on, integrations),
    '});',
  )
}

const cron = (on: ReadonlySet<Feature>) =>
  on.has('crons') && '\nSentry.withMonitor("nightly-report", () => runReport());'

function node(start: string, use: (on: ReadonlySet<Feature>) => string, name = '@sentry/node'): Make {
  return (wanted) => ({
    install: npm(name, ...(wanted.on.has('profiling') ? ['@sentry/profiling-node'] : [])),
    configure: [
      { label: 'instrument.mjs', language: 'typescript', code: nodeInit(wanted, name) },
      { label: 'Your app', language: 'typescript', code: lines(use(wanted.on), cron(wanted.on)) },
      sh('Start', start),
    ],
    verify: one(
      'Anywhere',
      'typescript',
      lines(
        'setTimeout(() => { throw new Error("Vedette, can you see me?"); });',
        wanted.on.has('logs') && 'console.warn("and this line as a log");',
      ),
    ),
    features: NODE_FEATURES,
  })
}

/** A framework with a server and a browser half. */
function full(
  name: string,
  client: string,
  server: string,
  more: (wanted: Wanted) => Variant[] = () => [],
  tracing?: string,
): Make {
  return (wanted) => ({
    install: npm(name),
    configure: [
      { label: client, language: 'typescript', code: webInit(wanted, name, tracing) },
      {
        label: server,
        language: 'typescript',
        code: nodeInit({ dsn: wanted.dsn, on: new Set([...wanted.on].filter((one) => one !== 'profiling')) }, name),
      },
      ...more(wanted),
    ],
    verify: one('Anywhere', 'typescript', WEB_ERROR(wanted.on)),
    features: WEB_FEATURES,
  })
}

// ── the rest ──────────────────────────────────────────────────────────────────────────

/** `http://KEY@host/7` in its parts; `base` is where the server lies. */
export function dsnParts(dsn: string): { key: string; base: string; project: string } {
  const found = /^(https?:\/\/)([^@]+)@(.+)\/([^/]+)$/.exec(dsn)
  return { key: found?.[2] ?? '', base: `${found?.[1] ?? ''}${found?.[3] ?? ''}`, project: found?.[4] ?? '' }
}

/** A line for the shell that sends one event, and answers with its id. */
export function curlLine(dsn: string): string {
  const { key, base, project } = dsnParts(dsn)
  const body = '{"message":"Hello from curl","level":"error","platform":"other"}'
  return [
    `curl '${base}/api/${project}/store/' \\`,
    `  -H 'X-Sentry-Auth: Sentry sentry_version=7, sentry_client=curl/1.0, sentry_key=${key}' \\`,
    `  -H 'Content-Type: application/json' \\`,
    `  -d '${body}'`,
  ].join('\n')
}

function simple(
  install: Variant[],
  configure: (wanted: Wanted) => Variant[],
  verify: Variant[],
  features: readonly Feature[] = ['tracing'],
): Make {
  return (wanted) => ({ install, configure: configure(wanted), verify, features })
}

const rate = (on: ReadonlySet<Feature>, text: string) => on.has('tracing') && text

const GUIDES: Record<string, Make> = {
  python: python('main.py', '', ({ on }) => one('main.py', 'python', pyError(on))),
  'python-django': python('settings.py', 'django', () =>
    one(
      'urls.py',
      'python',
      lines(
        'from django.urls import path',
        '',
        'def boom(request):',
        '    1 / 0',
        '',
        'urlpatterns = [',
        '    path("vedette-check/", boom),',
        ']',
      ),
    ),
  ),
  'python-flask': python(
    'app.py',
    'flask',
    () => one('app.py', 'python', lines('@app.route("/vedette-check")', 'def boom():', '    1 / 0')),
    (init) => `${init}\n\nfrom flask import Flask\n\napp = Flask(__name__)`,
  ),
  'python-fastapi': python(
    'main.py',
    'fastapi',
    () => one('main.py', 'python', lines('@app.get("/vedette-check")', 'async def boom():', '    1 / 0')),
    (init) => `${init}\n\nfrom fastapi import FastAPI\n\napp = FastAPI()`,
  ),
  'python-starlette': python('main.py', 'starlette', () =>
    one(
      'main.py',
      'python',
      lines('async def boom(request):', '    1 / 0', '', 'app = Starlette(routes=[Route("/vedette-check", boom)])'),
    ),
  ),
  'python-celery': python(
    'celery.py',
    'celery',
    () => one('tasks.py', 'python', lines('@app.task', 'def boom():', '    1 / 0', '', 'boom.delay()')),
    (init) =>
      lines(
        'from celery import Celery, signals',
        '',
        '@signals.celeryd_init.connect',
        'def start_sentry(**kwargs):',
        ...init.split('\n').map((text) => (text ? `    ${text}` : '')),
        '',
        'app = Celery("tasks", broker="redis://localhost")',
      ),
  ),
  'python-awslambda': (wanted) => ({
    install: pyInstall(),
    configure: one(
      'handler.py',
      'python',
      pyInit(wanted, 'aws_lambda import AwsLambdaIntegration').replace(
        '    send_default_pii',
        '    integrations=[AwsLambdaIntegration(timeout_warning=True)],\n    send_default_pii',
      ),
    ),
    verify: one('handler.py', 'python', lines('def handler(event, context):', '    1 / 0')),
    features: PY_FEATURES,
  }),
  node: node(
    'node --import ./instrument.mjs app.mjs',
    () => '// nothing to add: errors nobody catches are reported by themselves',
  ),
  'node-express': node('node --import ./instrument.mjs app.mjs', () =>
    lines(
      'import * as Sentry from "@sentry/node";',
      'import express from "express";',
      '',
      'const app = express();',
      '// your routes',
      'Sentry.setupExpressErrorHandler(app); // after the routes',
      'app.listen(3000);',
    ),
  ),
  'node-fastify': node('node --import ./instrument.mjs app.mjs', () =>
    lines(
      'import * as Sentry from "@sentry/node";',
      'import Fastify from "fastify";',
      '',
      'const app = Fastify();',
      'Sentry.setupFastifyErrorHandler(app);',
      '// your routes',
      'await app.listen({ port: 3000 });',
    ),
  ),
  'node-nestjs': node(
    'node --import ./instrument.mjs dist/main.js',
    () =>
      lines(
        'import { Module } from "@nestjs/common";',
        'import { APP_FILTER } from "@nestjs/core";',
        'import { SentryGlobalFilter, SentryModule } from "@sentry/nestjs/setup";',
        '',
        '@Module({',
        '  imports: [SentryModule.forRoot()],',
        '  providers: [{ provide: APP_FILTER, useClass: SentryGlobalFilter }],',
        '})',
        'export class AppModule {}',
      ),
    '@sentry/nestjs',
  ),
  'node-hono': node('node --import ./instrument.mjs app.mjs', () =>
    lines(
      'import * as Sentry from "@sentry/node";',
      'import { Hono } from "hono";',
      '',
      'const app = new Hono();',
      'app.onError((error, c) => {',
      '  Sentry.captureException(error);',
      '  return c.text("Internal Server Error", 500);',
      '});',
    ),
  ),
  bun: node(
    'bun --preload ./instrument.mjs app.ts',
    () => '// nothing to add: errors nobody catches are reported by themselves',
    '@sentry/bun',
  ),
  deno: ({ dsn, on }) => ({
    install: [sh('deno', 'deno add npm:@sentry/deno')],
    configure: one(
      'main.ts',
      'typescript',
      lines('import * as Sentry from "@sentry/deno";', '', 'Sentry.init({', jsOptions(dsn, on, []), '});'),
    ),
    verify: one('main.ts', 'typescript', WEB_ERROR(on)),
    features: ['tracing'],
  }),
  javascript: (wanted) => ({
    install: [
      ...npm('@sentry/browser'),
      {
        label: 'Script tag',
        language: 'markup',
        code: `<script src="${dsnParts(wanted.dsn).base}/js-sdk-loader/${dsnParts(wanted.dsn).key}.min.js" crossorigin="anonymous"></script>`,
      },
    ],
    configure: one('main.ts', 'typescript', webInit(wanted, '@sentry/browser')),
    verify: one('Anywhere', 'typescript', WEB_ERROR(wanted.on)),
    features: WEB_FEATURES,
  }),
  'javascript-react': web('@sentry/react', 'main.tsx', (init) =>
    lines(
      init,
      '',
      'import { createRoot } from "react-dom/client";',
      '',
      'createRoot(document.getElementById("root")!, {',
      '  onUncaughtError: Sentry.reactErrorHandler(),',
      '  onCaughtError: Sentry.reactErrorHandler(),',
      '  onRecoverableError: Sentry.reactErrorHandler(),',
      '}).render(<App />);',
    ),
  ),
  'javascript-nextjs': full('@sentry/nextjs', 'instrumentation-client.ts', 'sentry.server.config.ts', () => [
    {
      label: 'instrumentation.ts',
      language: 'typescript',
      code: lines(
        'import * as Sentry from "@sentry/nextjs";',
        '',
        'export async function register() {',
        '  await import("./sentry.server.config");',
        '}',
        '',
        'export const onRequestError = Sentry.captureRequestError;',
      ),
    },
    {
      label: 'next.config.ts',
      language: 'typescript',
      code: lines(
        'import { withSentryConfig } from "@sentry/nextjs";',
        '',
        'export default withSentryConfig({}, { silent: true });',
      ),
    },
  ]),
  'javascript-remix': full('@sentry/remix', 'app/entry.client.tsx', 'instrument.server.mjs'),
  'javascript-vue': (wanted) => ({
    install: npm('@sentry/vue'),
    configure: one(
      'main.ts',
      'typescript',
      lines(
        'import { createApp } from "vue";',
        'import App from "./App.vue";',
        'const app = createApp(App);',
        '',
        webInit(wanted, '@sentry/vue', undefined, ['app']),
        '',
        'app.mount("#app");',
      ),
    ),
    verify: one('Anywhere', 'typescript', WEB_ERROR(wanted.on)),
    features: WEB_FEATURES,
  }),
  'javascript-nuxt': full('@sentry/nuxt', 'sentry.client.config.ts', 'sentry.server.config.ts', () =>
    one(
      'nuxt.config.ts',
      'typescript',
      lines('export default defineNuxtConfig({', '  modules: ["@sentry/nuxt/module"],', '});'),
    ),
  ),
  'javascript-svelte': web('@sentry/svelte', 'main.ts', (init) =>
    lines(
      init,
      '',
      'import { mount } from "svelte";',
      'import App from "./App.svelte";',
      '',
      'mount(App, { target: document.getElementById("app")! });',
    ),
  ),
  'javascript-sveltekit': (wanted) => ({
    install: npm('@sentry/sveltekit'),
    configure: [
      {
        label: 'src/hooks.client.ts',
        language: 'typescript',
        code: `${webInit(wanted, '@sentry/sveltekit')}\n\nexport const handleError = Sentry.handleErrorWithSentry();`,
      },
      {
        label: 'src/hooks.server.ts',
        language: 'typescript',
        code: `${nodeInit({ dsn: wanted.dsn, on: new Set([...wanted.on].filter((feature) => feature === 'tracing')) }, '@sentry/sveltekit')}\n\nexport const handle = Sentry.sentryHandle();\nexport const handleError = Sentry.handleErrorWithSentry();`,
      },
    ],
    verify: one('Anywhere', 'typescript', WEB_ERROR(wanted.on)),
    features: WEB_FEATURES,
  }),
  'javascript-angular': web('@sentry/angular', 'main.ts', (init) =>
    lines(
      init,
      '',
      'import { ErrorHandler } from "@angular/core";',
      'import { bootstrapApplication } from "@angular/platform-browser";',
      '',
      'bootstrapApplication(AppComponent, {',
      '  providers: [{ provide: ErrorHandler, useValue: Sentry.createErrorHandler() }],',
      '});',
    ),
  ),
  'javascript-astro': full('@sentry/astro', 'sentry.client.config.ts', 'sentry.server.config.ts', () =>
    one(
      'astro.config.mjs',
      'typescript',
      lines(
        'import { defineConfig } from "astro/config";',
        'import sentry from "@sentry/astro";',
        '',
        'export default defineConfig({ integrations: [sentry()] });',
      ),
    ),
  ),
  php: simple(
    [sh('Composer', 'composer require sentry/sentry')],
    ({ dsn, on }) =>
      one(
        'index.php',
        'php',
        lines(
          '<?php',
          "require 'vendor/autoload.php';",
          '',
          '\\Sentry\\init([',
          `    'dsn' => '${dsn}',`,
          rate(on, "    'traces_sample_rate' => 1.0,"),
          on.has('logs') && "    'enable_logs' => true,",
          ']);',
        ),
      ),
    one('index.php', 'php', "<?php\n\nthrow new \\Exception('Vedette, can you see me?');"),
    ['tracing', 'logs'],
  ),
  'php-laravel': simple(
    [sh('Composer', 'composer require sentry/sentry-laravel')],
    ({ dsn, on }) => [
      {
        label: '.env',
        language: 'clike',
        code: lines(
          `SENTRY_LARAVEL_DSN=${dsn}`,
          rate(on, 'SENTRY_TRACES_SAMPLE_RATE=1.0'),
          on.has('logs') && 'SENTRY_ENABLE_LOGS=true',
        ),
      },
      {
        label: 'bootstrap/app.php',
        language: 'php',
        code: lines(
          '<?php',
          '',
          'use Illuminate\\Foundation\\Configuration\\Exceptions;',
          'use Sentry\\Laravel\\Integration;',
          '',
          '// in the chain of Application::configure():',
          '->withExceptions(function (Exceptions $exceptions) {',
          '    Integration::handles($exceptions);',
          '})',
        ),
      },
    ],
    one('Artisan', 'clike', 'php artisan sentry:test'),
    ['tracing', 'logs'],
  ),
  'php-symfony': simple(
    [sh('Composer', 'composer require sentry/sentry-symfony')],
    ({ dsn, on }) => [
      { label: '.env', language: 'clike', code: `SENTRY_DSN="${dsn}"` },
      {
        label: 'config/packages/sentry.yaml',
        language: '',
        code: lines(
          'sentry:',
          "  dsn: '%env(SENTRY_DSN)%'",
          rate(on, '  options:'),
          rate(on, '    traces_sample_rate: 1.0'),
        ),
      },
    ],
    one('Console', 'clike', 'php bin/console sentry:test'),
  ),
  ruby: simple(
    [sh('Bundler', 'bundle add sentry-ruby')],
    ({ dsn, on }) =>
      one(
        'app.rb',
        'ruby',
        lines(
          'require "sentry-ruby"',
          '',
          'Sentry.init do |config|',
          `  config.dsn = "${dsn}"`,
          rate(on, '  config.traces_sample_rate = 1.0'),
          on.has('logs') && '  config.enable_logs = true',
          'end',
        ),
      ),
    one(
      'app.rb',
      'ruby',
      lines('begin', '  1 / 0', 'rescue ZeroDivisionError => error', '  Sentry.capture_exception(error)', 'end'),
    ),
    ['tracing', 'logs'],
  ),
  'ruby-rails': simple(
    [sh('Bundler', 'bundle add sentry-ruby sentry-rails')],
    ({ dsn, on }) =>
      one(
        'config/initializers/sentry.rb',
        'ruby',
        lines(
          'Sentry.init do |config|',
          `  config.dsn = "${dsn}"`,
          '  config.breadcrumbs_logger = [:active_support_logger, :http_logger]',
          rate(on, '  config.traces_sample_rate = 1.0'),
          on.has('logs') && '  config.enable_logs = true',
          'end',
        ),
      ),
    one('Rails console', 'ruby', 'Sentry.capture_message("Vedette, can you see me?")'),
    ['tracing', 'logs'],
  ),
  go: simple(
    [sh('go', 'go get github.com/getsentry/sentry-go')],
    ({ dsn, on }) =>
      one(
        'main.go',
        'go',
        lines(
          'package main',
          '',
          'import (',
          '\t"log"',
          '\t"time"',
          '',
          '\t"github.com/getsentry/sentry-go"',
          ')',
          '',
          'func main() {',
          '\terr := sentry.Init(sentry.ClientOptions{',
          `\t\tDsn: "${dsn}",`,
          rate(on, '\t\tEnableTracing: true,'),
          rate(on, '\t\tTracesSampleRate: 1.0,'),
          on.has('logs') && '\t\tEnableLogs: true,',
          '\t})',
          '\tif err != nil {',
          '\t\tlog.Fatalf("sentry.Init: %s", err)',
          '\t}',
          '\tdefer sentry.Flush(2 * time.Second)',
          '}',
        ),
      ),
    one('main.go', 'go', 'sentry.CaptureMessage("Vedette, can you see me?")'),
    ['tracing', 'logs'],
  ),
  java: simple(
    [
      { label: 'Gradle', language: 'clike', code: 'implementation("io.sentry:sentry:8.+")' },
      {
        label: 'Maven',
        language: 'markup',
        code: '<dependency>\n  <groupId>io.sentry</groupId>\n  <artifactId>sentry</artifactId>\n  <version>[8,9)</version>\n</dependency>',
      },
    ],
    ({ dsn, on }) =>
      one(
        'Main.java',
        'java',
        lines(
          'import io.sentry.Sentry;',
          '',
          'Sentry.init(options -> {',
          `    options.setDsn("${dsn}");`,
          rate(on, '    options.setTracesSampleRate(1.0);'),
          on.has('logs') && '    options.getLogs().setEnabled(true);',
          '});',
        ),
      ),
    one('Main.java', 'java', 'Sentry.captureException(new Exception("Vedette, can you see me?"));'),
    ['tracing', 'logs'],
  ),
  'java-spring-boot': simple(
    [
      {
        label: 'Gradle',
        language: 'clike',
        code: 'implementation("io.sentry:sentry-spring-boot-starter-jakarta:8.+")',
      },
    ],
    ({ dsn, on }) =>
      one(
        'application.properties',
        '',
        lines(
          `sentry.dsn=${dsn}`,
          rate(on, 'sentry.traces-sample-rate=1.0'),
          on.has('logs') && 'sentry.logs.enabled=true',
        ),
      ),
    one(
      'A controller',
      'java',
      lines(
        '@GetMapping("/vedette-check")',
        'String boom() {',
        '    throw new IllegalStateException("Vedette, can you see me?");',
        '}',
      ),
    ),
    ['tracing', 'logs'],
  ),
  kotlin: simple(
    [{ label: 'Gradle', language: 'clike', code: 'implementation("io.sentry:sentry:8.+")' }],
    ({ dsn, on }) =>
      one(
        'Main.kt',
        'java',
        lines(
          'import io.sentry.Sentry',
          '',
          'Sentry.init { options ->',
          `    options.dsn = "${dsn}"`,
          rate(on, '    options.tracesSampleRate = 1.0'),
          '}',
        ),
      ),
    one('Main.kt', 'java', 'Sentry.captureException(Exception("Vedette, can you see me?"))'),
  ),
  android: simple(
    [{ label: 'build.gradle.kts', language: 'clike', code: 'implementation("io.sentry:sentry-android:8.+")' }],
    ({ dsn, on }) =>
      one(
        'AndroidManifest.xml',
        'markup',
        lines(
          '<application>',
          `  <meta-data android:name="io.sentry.dsn" android:value="${dsn}" />`,
          rate(on, '  <meta-data android:name="io.sentry.traces.sample-rate" android:value="1.0" />'),
          on.has('replay') &&
            '  <meta-data android:name="io.sentry.session-replay.on-error-sample-rate" android:value="1.0" />',
          '</application>',
        ),
      ),
    one('MainActivity.kt', 'java', 'Sentry.captureException(RuntimeException("Vedette, can you see me?"))'),
    ['tracing', 'replay'],
  ),
  dotnet: simple(
    [sh('dotnet', 'dotnet add package Sentry')],
    ({ dsn, on }) =>
      one(
        'Program.cs',
        'csharp',
        lines(
          'SentrySdk.Init(options =>',
          '{',
          `    options.Dsn = "${dsn}";`,
          '    options.AutoSessionTracking = true;',
          rate(on, '    options.TracesSampleRate = 1.0;'),
          '});',
        ),
      ),
    one('Program.cs', 'csharp', 'SentrySdk.CaptureMessage("Vedette, can you see me?");'),
  ),
  'dotnet-aspnetcore': simple(
    [sh('dotnet', 'dotnet add package Sentry.AspNetCore')],
    ({ dsn, on }) =>
      one(
        'Program.cs',
        'csharp',
        lines(
          'var builder = WebApplication.CreateBuilder(args);',
          'builder.WebHost.UseSentry(options =>',
          '{',
          `    options.Dsn = "${dsn}";`,
          rate(on, '    options.TracesSampleRate = 1.0;'),
          '});',
        ),
      ),
    one(
      'Program.cs',
      'csharp',
      'app.MapGet("/vedette-check", string () => throw new Exception("Vedette, can you see me?"));',
    ),
  ),
  rust: simple(
    [sh('cargo', 'cargo add sentry')],
    ({ dsn, on }) =>
      one(
        'src/main.rs',
        'rust',
        lines(
          'fn main() {',
          '    let _guard = sentry::init((',
          `        "${dsn}",`,
          '        sentry::ClientOptions {',
          '            release: sentry::release_name!(),',
          rate(on, '            traces_sample_rate: 1.0,'),
          '            ..Default::default()',
          '        },',
          '    ));',
          '}',
        ),
      ),
    one('src/main.rs', 'rust', 'panic!("Vedette, can you see me?");'),
  ),
  elixir: simple(
    [{ label: 'mix.exs', language: 'ruby', code: '{:sentry, "~> 11.0"},\n{:hackney, "~> 1.20"}' }],
    ({ dsn }) =>
      one(
        'config/runtime.exs',
        'ruby',
        lines(
          'config :sentry,',
          `  dsn: "${dsn}",`,
          '  environment_name: config_env(),',
          '  enable_source_code_context: true,',
          '  root_source_code_paths: [File.cwd!()]',
        ),
      ),
    one('Mix', 'clike', 'mix sentry.send_test_event'),
    [],
  ),
  'apple-ios': simple(
    [
      { label: 'Swift Package', language: 'clike', code: 'https://github.com/getsentry/sentry-cocoa.git' },
      { label: 'CocoaPods', language: 'ruby', code: "pod 'Sentry'" },
    ],
    ({ dsn, on }) =>
      one(
        'App.swift',
        'rust',
        lines(
          'import Sentry',
          '',
          'SentrySDK.start { options in',
          `    options.dsn = "${dsn}"`,
          rate(on, '    options.tracesSampleRate = 1.0'),
          on.has('replay') && '    options.sessionReplay.onErrorSampleRate = 1.0',
          '}',
        ),
      ),
    one('App.swift', 'rust', 'SentrySDK.capture(message: "Vedette, can you see me?")'),
    ['tracing', 'replay'],
  ),
  flutter: simple(
    [sh('flutter', 'flutter pub add sentry_flutter')],
    ({ dsn, on }) =>
      one(
        'lib/main.dart',
        'java',
        lines(
          "import 'package:flutter/widgets.dart';",
          "import 'package:sentry_flutter/sentry_flutter.dart';",
          '',
          'Future<void> main() async {',
          '  await SentryFlutter.init(',
          '    (options) {',
          `      options.dsn = '${dsn}';`,
          rate(on, '      options.tracesSampleRate = 1.0;'),
          '    },',
          '    appRunner: () => runApp(SentryWidget(child: MyApp())),',
          '  );',
          '}',
        ),
      ),
    one('Anywhere', 'java', "await Sentry.captureMessage('Vedette, can you see me?');"),
  ),
  'react-native': simple(
    npm('@sentry/react-native'),
    ({ dsn, on }) =>
      one(
        'App.tsx',
        'typescript',
        lines(
          'import * as Sentry from "@sentry/react-native";',
          '',
          'Sentry.init({',
          `  dsn: "${dsn}",`,
          rate(on, '  tracesSampleRate: 1.0,'),
          '});',
          '',
          'export default Sentry.wrap(App);',
        ),
      ),
    one('Anywhere', 'typescript', 'Sentry.captureException(new Error("Vedette, can you see me?"));'),
  ),
  unity: simple(
    [{ label: 'Package Manager', language: '', code: 'https://github.com/getsentry/unity.git' }],
    ({ dsn }) => one('Tools → Sentry → DSN', '', dsn),
    one('A script', 'csharp', 'Sentry.Unity.SentrySdk.CaptureMessage("Vedette, can you see me?");'),
    [],
  ),
  native: simple(
    [
      sh(
        'CMake',
        'git clone --recursive https://github.com/getsentry/sentry-native.git\ncmake -B build sentry-native && cmake --build build --parallel',
      ),
    ],
    ({ dsn }) =>
      one(
        'main.c',
        'clike',
        lines(
          '#include <sentry.h>',
          '',
          'int main(void) {',
          '  sentry_options_t *options = sentry_options_new();',
          `  sentry_options_set_dsn(options, "${dsn}");`,
          '  sentry_options_set_database_path(options, ".sentry-native");',
          '  sentry_init(options);',
          '  /* your program */',
          '  sentry_close();',
          '}',
        ),
      ),
    one(
      'main.c',
      'clike',
      lines(
        'sentry_capture_event(sentry_value_new_message_event(',
        '    SENTRY_LEVEL_INFO, "check", "Vedette, can you see me?"));',
      ),
    ),
    [],
  ),
  opentelemetry: ({ dsn }) => {
    const { key, base, project } = dsnParts(dsn)
    const url = `${base}/api/${project}/integration/otlp`
    return {
      install: one('Any OTLP exporter', '', 'OTLP over HTTP, protobuf or JSON; gzip is welcome.'),
      configure: [
        {
          label: 'Environment',
          language: 'clike',
          code: lines(
            `export OTEL_EXPORTER_OTLP_TRACES_ENDPOINT="${url}/v1/traces"`,
            `export OTEL_EXPORTER_OTLP_LOGS_ENDPOINT="${url}/v1/logs"`,
            'export OTEL_EXPORTER_OTLP_PROTOCOL="http/protobuf"',
            `export OTEL_EXPORTER_OTLP_HEADERS="x-sentry-auth=sentry sentry_key=${key}"`,
          ),
        },
        {
          label: 'Collector',
          language: '',
          code: lines(
            'exporters:',
            '  otlphttp:',
            `    traces_endpoint: ${url}/v1/traces`,
            `    logs_endpoint: ${url}/v1/logs`,
            '    headers:',
            `      x-sentry-auth: "sentry sentry_key=${key}"`,
          ),
        },
      ],
      verify: one('Shell', 'clike', curlLine(dsn)),
      features: [],
    }
  },
  other: ({ dsn }) => ({
    install: one('No SDK', '', 'One HTTP request is enough; every SDK of the Sentry family works with the DSN above.'),
    configure: one('Environment', 'clike', `export SENTRY_DSN="${dsn}"`),
    verify: one('curl', 'clike', curlLine(dsn)),
    features: [],
  }),
}
GUIDES['apple-macos'] = GUIDES['apple-ios'] as Make

/** The guide of a platform; an unknown one gets that of its family, else plain HTTP. */
export function guideFor(platform: string | null | undefined, wanted: Wanted): Guide {
  const make = GUIDES[platform ?? ''] ?? GUIDES[(platform ?? '').split('-')[0] ?? ''] ?? (GUIDES['other'] as Make)
  return make(wanted)
}

export function hasGuide(platform: string): boolean {
  return platform in GUIDES
}

/** A task for a coding agent: set the SDK up in the repository it works in. */
export function agentPrompt(name: string, platform: string, dsn: string): string {
  const guide = guideFor(platform, { dsn, on: new Set() })
  const code = guide.configure.map((part) => `${part.label}:\n${part.code}`).join('\n\n')
  return [
    `Set up error monitoring in this repository. The server is Vedette, which speaks Sentry's protocol; use the official Sentry SDK for ${name}.`,
    `DSN: ${dsn}`,
    `Install: ${guide.install[0]?.code ?? ''}`,
    `Configure as early as the process allows:\n\n${code}`,
    'Read the DSN from the environment variable SENTRY_DSN where this code base keeps settings. Set release and environment from what the build knows.',
    'Do not log or commit secrets. Run the tests, then trigger one error and tell me how you did it.',
  ].join('\n\n')
}
