// Makes each tracing call of the documentation with an official Node SDK, and prints what the server should show.
// Arguments: package name, run id.
const [packageName, run] = process.argv.slice(2);
const Sentry = await import(packageName);
const mark = (call) => `vt-${call}-${run}`;
const told = {};
const tell = (call, span, more = {}) => {
  const { traceId, spanId } = span.spanContext();
  told[call] = { trace: traceId, span: spanId, name: mark(call), ...more };
};
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

Sentry.init({
  dsn: process.env.DSN,
  environment: "tracing",
  release: `tracing@${run}`,
  tracesSampleRate: 1,
  enableLogs: true,
  _experiments: { enableLogs: true },
});
Sentry.setUser({ id: 42 });

const startTime = Date.now() / 1000 - 5.25;
await Sentry.startSpan(
  {
    name: mark("startSpan"),
    op: "job.run",
    startTime,
    attributes: { "vt.text": run, "vt.number": 1.5, "vt.flag": true, "vt.nothing": null },
  },
  async (root) => {
    tell("startSpan", root, { start: startTime });
    Sentry.startSpan({ name: mark("child"), op: "job.step" }, (child) => tell("child", child));

    const inactive = Sentry.startInactiveSpan({ name: mark("startInactiveSpan"), op: "job.step" });
    Sentry.startSpan({ name: mark("besideInactive"), op: "job.step" }, (span) => tell("besideInactive", span));
    inactive.end();
    tell("startInactiveSpan", inactive);

    await Sentry.startSpanManual({ name: mark("startSpanManual"), op: "job.step" }, async (span) => {
      Sentry.startSpan({ name: mark("inManual"), op: "job.step" }, (inner) => tell("inManual", inner));
      await sleep(20);
      span.end();
      tell("startSpanManual", span);
    });

    Sentry.startSpan({ name: mark("forceTransaction"), op: "job.forced", forceTransaction: true }, (span) =>
      tell("forceTransaction", span),
    );
    Sentry.startSpan({ name: mark("explicitParent"), op: "job.step", parentSpan: inactive }, (span) =>
      tell("explicitParent", span),
    );
    Sentry.startSpan({ name: mark("noParent"), op: "job.root", parentSpan: null }, (span) => tell("noParent", span));

    Sentry.startSpan({ name: "before", op: "job.step" }, (span) => {
      Sentry.updateSpanName(span, mark("updateSpanName"));
      tell("updateSpanName", span);
    });
    Sentry.startSpan({ name: mark("setHttpStatus"), op: "http.client" }, (span) => {
      Sentry.setHttpStatus(span, 404);
      tell("setHttpStatus", span);
    });
    Sentry.startSpan({ name: mark("getActiveSpan"), op: "job.step" }, (span) =>
      tell("getActiveSpan", Sentry.getActiveSpan(), { same: Sentry.getActiveSpan().spanContext().spanId === span.spanContext().spanId }),
    );
    tell("getRootSpan", Sentry.getRootSpan(inactive));
    Sentry.withActiveSpan(inactive, () =>
      Sentry.startSpan({ name: mark("withActiveSpan"), op: "job.step" }, (span) => tell("withActiveSpan", span)),
    );
    Sentry.withActiveSpan(null, () =>
      Sentry.startSpan({ name: mark("withoutActiveSpan"), op: "job.root" }, (span) => tell("withoutActiveSpan", span)),
    );
    Sentry.suppressTracing(() => Sentry.startSpan({ name: mark("suppressTracing"), op: "job.step" }, () => undefined));
    const json = Sentry.spanToJSON(root);
    told.spanToJSON = { ...told.startSpan, json: { trace_id: json.trace_id, span_id: json.span_id, op: json.op ?? json.data?.["sentry.op"] ?? json.attributes?.["sentry.op"]?.value ?? json.attributes?.["sentry.op"], description: json.description ?? json.name } };
    Sentry.logger?.error(mark("log"), { "vt.run": run });
    Sentry.captureException(new Error(mark("error")));
  },
);
Sentry.startSpan({ name: mark("onlyIfParent"), op: "job.step", onlyIfParent: true }, () => undefined);

const trace = "a".repeat(8) + run.padEnd(24, "0");
const parent = "b".repeat(16);
Sentry.continueTrace(
  { sentryTrace: `${trace}-${parent}-1`, baggage: `sentry-trace_id=${trace},sentry-sample_rate=0.25,sentry-sampled=true,sentry-public_key=x` },
  () => Sentry.startSpan({ name: mark("continueTrace"), op: "job.continued" }, (span) => tell("continueTrace", span, { parent })),
);
Sentry.startNewTrace(() => Sentry.startSpan({ name: mark("startNewTrace"), op: "job.new" }, (span) => tell("startNewTrace", span)));
Sentry.metrics?.count?.(mark("counter"), 3, { attributes: { "vt.run": run } });

await Sentry.flush(10_000);
await Sentry.close(10_000);
console.log(JSON.stringify(told));
