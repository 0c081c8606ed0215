// Plants one marker per feature with the official browser SDK. Bundled by esbuild, run in Chromium.
import * as Sentry from "@sentry/browser";

const { dsn, run } = JSON.parse(document.getElementById("options").textContent);
const mark = (feature) => `vt-${feature}-${run}`;

Sentry.init({ dsn, release: mark("release"), environment: mark("environment") });

function charge() {
  throw new Error(mark("cause"));
}

class CheckoutFailed extends Error {
  name = "CheckoutFailed";
}

function checkout() {
  try {
    charge();
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
Sentry.close(10_000).then(() => (document.title = "sent"));
