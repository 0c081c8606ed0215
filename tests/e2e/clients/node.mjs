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

function charge(cardholder) {
  const local = mark("local") + cardholder.slice(0, 0);
  if (local) throw new Error(mark("cause"));
}

class CheckoutFailed extends Error {
  name = "CheckoutFailed";
}

function checkout() {
  try {
    charge("ada");
  } catch (cause) {
    throw new CheckoutFailed(mark("exception"), { cause });
  }
}

Sentry.setTag("vt_tag", mark("tag"));
Sentry.setContext("vt_context", { field: mark("context") });
Sentry.setExtra("vt_extra", mark("extra"));
Sentry.setUser({ id: 7, email: `${mark("user")}@example.com` });
Sentry.addBreadcrumb({ category: "cart", message: mark("breadcrumb"), level: "info" });

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
