// A page with the official browser SDK: pageload, a call to the Python service, a navigation, an active span.
import * as Sentry from "@sentry/browser";

const { dsn, run, backend } = JSON.parse(document.getElementById("options").textContent);
const told = {};
const tell = (name, span) => {
  const { traceId, spanId } = span.spanContext();
  told[name] = { trace: traceId, span: spanId };
};

Sentry.init({
  dsn,
  environment: "browser",
  release: `browser@${run}`,
  tracesSampleRate: 1,
  enableLogs: true,
  integrations: [Sentry.browserTracingIntegration({ enableReportPageLoaded: true, instrumentNavigation: false })],
  tracePropagationTargets: [backend],
});

async function main() {
  tell("pageload", Sentry.getRootSpan(Sentry.getActiveSpan()));
  await fetch(`${backend}/api/orders`);
  Sentry.reportPageLoaded();

  const held = Sentry.startInactiveSpan({ name: `vt-held-${run}`, op: "ui.flow", forceTransaction: true });
  Sentry.setActiveSpanInBrowser(held);
  Sentry.startSpan({ name: `vt-inHeld-${run}`, op: "ui.step" }, (span) => tell("inHeld", span));
  held.end();
  tell("held", held);

  const navigation = Sentry.startBrowserTracingNavigationSpan(Sentry.getClient(), {
    name: `/vt-navigation-${run}`,
    op: "navigation",
    attributes: { "sentry.source": "route" },
  });
  tell("navigation", navigation);
  Sentry.startSpan({ name: `vt-inNavigation-${run}`, op: "ui.step" }, (span) => tell("inNavigation", span));
  navigation.end();

  await fetch(`${backend}/end`, { mode: "no-cors" });
  await Sentry.flush(10_000);
  document.title = JSON.stringify(told);
}

main();
