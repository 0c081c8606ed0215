// Plants one marker per feature with an official Node SDK. Arguments: package name, run id.
const [packageName, run] = process.argv.slice(2);
const Sentry = await import(packageName);
const mark = (feature) => `vt-${feature}-${run}`;

Sentry.init({
  dsn: process.env.DSN,
  release: mark("release"),
  environment: mark("environment"),
  includeLocalVariables: true,
  tracesSampleRate: 0,
});

function charge() {
  throw new Error(mark("cause"));
}

class CheckoutFailed extends Error {
  name = "CheckoutFailed";
}

// This SDK sends the locals of the outer exception alone.
function checkout() {
  const local = mark("local");
  try {
    charge();
  } catch (cause) {
    throw new CheckoutFailed(mark("exception") + local.slice(0, 0), { cause });
  }
}

Sentry.setTag("vt_tag", mark("tag"));
Sentry.setContext("vt_context", { field: mark("context") });
Sentry.setExtra("vt_extra", mark("extra"));
Sentry.setUser({ id: 7, email: `${mark("user")}@example.com` });
Sentry.addBreadcrumb({ category: "cart", message: mark("breadcrumb"), level: "info" });

await new Promise((resolve) => setTimeout(resolve, 1500)); // the inspector that reads locals attaches meanwhile
try {
  checkout();
} catch (error) {
  Sentry.captureException(error);
}
Sentry.captureMessage(mark("message"), "warning");
Sentry.withScope((scope) => {
  scope.setLevel("fatal");
  scope.setFingerprint([mark("fingerprint")]);
  Sentry.captureMessage(`${mark("first")} one way to say it`);
  Sentry.captureMessage(`${mark("second")} another way`);
});
await Sentry.close(10_000);
