"""Whether a frame is the application's own, where neither the SDK nor a rule says so."""

import re

from vedette.core.event import Frame

_JS_VENDOR = re.compile(
    r"node_modules/|webpack/bootstrap|\(webpack\)|(?:^|/)~/|/react-dom/|^[a-z\-]{0,20}-extension://"
)
_NATIVE_SYSTEM = re.compile(
    r"^/usr/(?:lib|libexec|local/lib)|^/lib(?:64|32)?/|^/System/|^/Library/Apple/|^[a-z]:\\windows\\|\.framework/|"
    r"dyld_shared_cache|^linux-(?:gate|vdso)|^/apex/|^/system/|^/vendor/",
    re.IGNORECASE,
)
_JVM_SYSTEM = (
    "java.", "javax.", "jakarta.", "sun.", "jdk.", "com.sun.", "kotlin.", "kotlinx.", "android.", "androidx.",
    "com.android.", "com.google.android.", "scala.", "groovy.lang.", "org.codehaus.groovy.", "clojure.",
)  # fmt: skip
_NET_SYSTEM = ("System.", "Microsoft.")
_PATH_VENDOR = {
    "python": re.compile(r"/(?:site|dist)-packages/|/lib/python\d(?:\.\d{1,2})?/|^<frozen "),
    "php": re.compile(r"/vendor/|^\[internal\]"),
    "ruby": re.compile(r"/gems/|/lib/ruby/|^<internal:"),
    "go": re.compile(r"/pkg/mod/|/vendor/|/go/src/|/libexec/src/|/usr/lib/go"),
    "perl": re.compile(r"/(?:share|lib)/perl5?/"),
    "elixir": re.compile(r"/deps/"),
}
_JVM = frozenset({"java", "groovy", "kotlin", "scala", "clojure", "android"})
_NATIVE = frozenset({"native", "c", "cocoa", "objc", "swift", "rust"})


def infer_in_app(frame: Frame, platform: str) -> bool | None:
    """The platform's own signs; None where there are none."""
    path = (frame.abs_path or frame.filename or "").replace("\\", "/")
    if platform in ("javascript", "node"):
        return _javascript(path, platform)
    if platform in _JVM:
        return None if frame.module is None else not frame.module.startswith(_JVM_SYSTEM)
    if platform == "csharp":
        return None if frame.module is None else not frame.module.startswith(_NET_SYSTEM)
    if platform in _NATIVE:
        return _native(frame)
    if (
        platform == "go"
        and frame.module
        and "." not in frame.module.partition("/")[0]
        and frame.module != "main"
    ):
        return False  # packages of the standard library have no domain in their first part
    vendor = _PATH_VENDOR.get(platform)
    return None if vendor is None or not path else vendor.search(path) is None


def _javascript(path: str, platform: str) -> bool | None:
    if not path:
        return None
    if _JS_VENDOR.search(path):
        return False
    internal = platform == "node" and path.startswith(("node:", "internal/"))
    return not internal


def _native(frame: Frame) -> bool | None:
    """By the image the code lies in: `.app/` bundles are the application's."""
    package = frame.package
    if not package:
        return None
    if ".app/" in package and ".app/Frameworks/" not in package:
        return True
    return False if _NATIVE_SYSTEM.search(package) else None
