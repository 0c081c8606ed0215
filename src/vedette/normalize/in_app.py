"""Whether a frame belongs to the application, where its SDK did not say.

Language by language: what is surely a library is not in-app; what has a path and is no known
library is, for languages where a path tells; otherwise nobody knows (None).
"""

import re
from functools import lru_cache

_JS = re.compile(
    r"node_modules/|/?webpack/bootstrap|\(webpack\)|(?:^|/)~/|/react-dom[./@-]|-extension://|(?:^|/)node:|^internal/"
)
_JS_UNKNOWN = frozenset(("<anonymous>", "[native code]", "native", ""))
_NATIVE_SYSTEM = re.compile(
    r"^/(?:usr/)?(?:local/)?lib(?:32|64|exec)?/|^/(?:System|Library|Developer)/|^/apex/|^/system/|^/vendor/lib"
    r"|^[a-z]:[\\/]windows[\\/]|/usr/lib/swift|dyld_shared_cache|\.framework/|^linux-(?:gate|vdso)",
    re.IGNORECASE,
)
_BUNDLE = re.compile(r"/[^/]+\.app/(?:Contents/MacOS/)?[^/]+$|/data/app/|/\.app/Frameworks/")
_JVM = re.compile(
    r"^(?:java|javax|sun|jdk|kotlin|kotlinx|android|androidx|com\.android|com\.google\.android|com\.sun|scala|groovy)\."
)
_PHP = re.compile(r"(?:^|[\\/])vendor[\\/]")
_RUBY = re.compile(r"/gems/|/lib/ruby/|/(?:rbenv|rvm|asdf)/|^<internal:|/bundle/ruby/")
_GO = re.compile(
    r"/pkg/mod/|(?:^|/)vendor/|/usr/local/go/|/go/src/(?:runtime|net|os|sync|reflect)/|/libexec/src/"
)
_GO_PACKAGE = re.compile(r"^[a-z]+(?:/[a-z0-9]+)*$")  # a standard package has no dot in its first element
_PYTHON = re.compile(
    r"[\\/](?:site|dist)-packages[\\/]|[\\/]lib(?:64)?[\\/]python\d|^<frozen "
    r"|[\\/]Lib[\\/](?:asyncio|concurrent)[\\/]"
)
_DOTNET = re.compile(r"^(?:System|Microsoft|Interop|Mono|FSharp\.Core|MS)\.")
_ELIXIR = re.compile(r"(?:^|/)deps/|^lib/(?:elixir|gen_|proc_lib|mix)|\.erl$")

_JS_PLATFORMS = frozenset(("javascript", "node"))
_NATIVE_PLATFORMS = frozenset(("native", "c", "cocoa", "objc", "swift", "rust"))
_JVM_PLATFORMS = frozenset(("java", "groovy", "scala"))


@lru_cache(maxsize=16_384)
def decide(platform: str, path: str | None, module: str | None, package: str | None) -> bool | None:
    """In-app or not, from the frame's path, module and package; None when these do not tell."""
    if platform in _JS_PLATFORMS:
        return _javascript(path)
    if platform in _NATIVE_PLATFORMS:
        return _native(package or path)
    if platform in _JVM_PLATFORMS:
        return None if module is None else not _JVM.match(f"{module}.")
    if platform == "csharp":
        name = module or package
        return None if name is None else not _DOTNET.match(f"{name}.")
    if platform == "go":
        return _go(path, module)
    library = {"python": _PYTHON, "php": _PHP, "ruby": _RUBY, "elixir": _ELIXIR}.get(platform)
    if library is None or path is None:
        return None
    return not library.search(path)


def _javascript(path: str | None) -> bool | None:
    if path is None or path in _JS_UNKNOWN:
        return None
    return not _JS.search(path)


def _native(image: str | None) -> bool | None:
    if image is None:
        return None
    if _BUNDLE.search(image):
        return True
    return False if _NATIVE_SYSTEM.search(image) else None


def _go(path: str | None, module: str | None) -> bool | None:
    if path is not None and _GO.search(path):
        return False
    if module is not None and module != "main" and _GO_PACKAGE.match(module):
        return False
    return None if path is None and module is None else True
