"""Names that compilers, proxies and build tools make up, brought back to what people wrote.

Each language has a function for modules and one for functions. A returned empty text means: this
name says nothing. Every repetition is bounded or possessive.
"""

import re
from collections.abc import Callable

Clean = Callable[[str], str]

# --- JVM -----------------------------------------------------------------------------------
_JVM_CUT = re.compile(
    r"\$\$Lambda.*+|\$\$(?:Enhancer|FastClass|KeyFactory)?[A-Za-z]{0,30}CGLIB.*+", re.DOTALL
)
_JVM_PROXY = re.compile(
    r"(\$Proxy|Generated(?:Method|Constructor|SerializationConstructor)Accessor|_\$\$_jvst|_javassist_|"
    r"\$HibernateProxy|\$ByteBuddy|\$MockitoMock|\$fn__|\$reify__|\$eval)\$?[0-9A-Za-z_]*+"
)
_JVM_NUMBER = re.compile(r"([$\-])\d++")


def jvm_module(name: str) -> str:
    name = _JVM_CUT.sub("", name)
    name = _JVM_PROXY.sub(r"\1", name)
    return _JVM_NUMBER.sub(r"\1", name)


def jvm_function(name: str) -> str:
    return _JVM_NUMBER.sub(r"\1", _JVM_PROXY.sub(r"\1", name))


# --- Python --------------------------------------------------------------------------------
PY_ANONYMOUS = frozenset({"<lambda>", "<module>", "<string>"})
PY_INLINE = frozenset({"<listcomp>", "<dictcomp>", "<setcomp>"})  # frames of their own before 3.12 only


def python_module(name: str) -> str:
    return "" if name in ("__main__", "__mp_main__") else name


def python_function(name: str) -> str:
    name = name.rpartition(".<locals>.")[2]
    return "" if name in PY_ANONYMOUS or name in PY_INLINE else name


# --- PHP -----------------------------------------------------------------------------------
_PHP_CLOSURE = re.compile(r"\{closure(?::[^{}]{0,400}+)?\}")
_PHP_TEMPLATE = re.compile(r"(__TwigTemplate)_[0-9a-f]{8,64}+")


def php_name(name: str) -> str:
    if "class@anonymous" in name or "@anonymous\x00" in name:
        return name.rpartition("::")[2] if "::" in name else ""
    return _PHP_TEMPLATE.sub(r"\1", _PHP_CLOSURE.sub("{closure}", name))


# --- Ruby ----------------------------------------------------------------------------------
_RUBY_BLOCK = re.compile(r"(?:(?:block|rescue|ensure)(?: \(\d{1,4} levels\))? in )+")
_RUBY_ERB = re.compile(r"_erb__+[\d_]++$")


def ruby_function(name: str) -> str:
    match = _RUBY_BLOCK.match(name)
    if match:
        name = name[match.end() :]
    name = _RUBY_ERB.sub("_erb", name)
    if name.startswith("<"):  # <main>, <top (required)>, <class:Foo>
        return "" if name.startswith(("<main", "<top")) else name
    return re.split(r"[#.]", name)[-1] or name  # 3.4 puts the class before the method


# --- Go ------------------------------------------------------------------------------------
_GO_CLOSURE = re.compile(r"\.(func|gowrap|deferwrap)\d++(?:\.\d++)*")
_GO_GENERIC = re.compile(r"\[[^\[\]]{0,400}+\]")


def go_function(name: str) -> str:
    name = _GO_GENERIC.sub("", name)
    return _GO_CLOSURE.sub(r".\1", name).removesuffix("-fm")


# --- .NET ----------------------------------------------------------------------------------
_NET_NUMBER = re.compile(r"(__[A-Za-z]*+|\||`)\d++(?:_\d++)*")


def dotnet_name(name: str) -> str:
    return _NET_NUMBER.sub(r"\1", name)


# --- JavaScript ----------------------------------------------------------------------------
JS_UNKNOWN = frozenset(
    {
        "",
        "?",
        "<anonymous>",
        "anonymous",
        "Anonymous function",
        "<unknown>",
        "eval",
        "global code",
        "module code",
    }
)
_JS_PREFIX = re.compile(r"(?:(?:async|promise callback|setTimeout handler|new|get|set)[* ])+")
_JS_ALIAS = re.compile(r" ?\[as [^\[\]]{1,200}+\]$")


def js_function(name: str) -> str:
    """The last part, as engines disagree on what stands before it."""
    prefix = _JS_PREFIX.match(name)
    if prefix:
        name = name[prefix.end() :]
    name = _JS_ALIAS.sub("", name)
    if name.endswith(("/<", "/", "<")):  # Firefox: a nameless function within a named one
        return ""
    name = re.split(r"[./]", name)[-1].strip("<>")
    return "" if name in JS_UNKNOWN else name


def is_minified(function: str) -> bool:
    """Whether a minifier chose the name; such names change from build to build."""
    return len(function) <= 2


# hexadecimal, or the eight letters and digits that bundlers take from a base 64 or 32 digest
_JS_HASH = re.compile(
    r"(?<=[A-Za-z0-9_\]])[.\-](?:(?=[a-f]{0,63}+\d)[0-9a-f]{6,64}|"
    r"(?=[A-Za-z_\-]{0,7}+\d|[A-Z]{8}|[a-z0-9_\-]{0,7}[a-z][A-Z]|[A-Z]{1,7}[a-z0-9_\-]{1,6}[A-Z])[A-Za-z0-9_\-]{8})"
    r"(?=\.|$|/)"
)
_REVISION = re.compile(r"[0-9a-f]{20,64}")


def js_module(name: str) -> str:
    return strip_hashes(name)


def strip_hashes(name: str) -> str:
    """A file or module name without the digest a build put into it."""
    name = _JS_HASH.sub("", name) if "." in name or "-" in name else name
    return _REVISION.sub("", name) if len(name) >= 20 else name


# --- compiled to machine code --------------------------------------------------------------
_RUST_HASH = re.compile(r"::h[0-9a-f]{16}$")
_RUST_LEGACY = {
    "$LT$": "<",
    "$GT$": ">",
    "$u20$": " ",
    "$RF$": "&",
    "$BP$": "*",
    "$C$": ",",
    "$u7b$": "{",
    "$u7d$": "}",
}
_RUST_CLOSURE = re.compile(r"\{\{?closure(?:#\d++|\}\}\.\d++)?\}?\}?")
_CLONE = re.compile(
    r"\.(?:cold|isra|part|constprop|llvm|lto_priv)(?:\.\d{1,20}+)?$|@{1,2}[A-Z]{1,16}+_[\d.]{1,16}+$"
)
_LONGEST_CLONE = 40
_BLOCK = re.compile(r"(_block_invoke)_\d++")
_SWIFT = re.compile(
    r"(?:\(\d++\) (?:await resume|suspend resume) partial function for |"
    r"(?:closure|implicit closure) #\d++ (?:\([^()]{0,200}+\) )?(?:-> [^ ]{1,100}+ )?in |"
    r"(?:generic )?specializ(?:ed|ation) (?:<[^<>]{0,200}+> of )?|partial apply (?:forwarder )?for |@objc |"
    r"(?:reabstraction )?thunk (?:helper )?for |static |merged |outlined )+"
)
_OPERATOR = re.compile(
    r"operator\s*(?:\(\)|<=>|<<=?|>>=?|<=?|>=?|->\*?|[^\s\w(]{1,3}|(?:new|delete)(?:\[\])?)"
)
_SPACES = re.compile(r"\s++")


def native_function(name: str) -> str:
    """Without arguments, template arguments, return type and compiler suffixes."""
    name = _BLOCK.sub(r"\1", _without_clones(_RUST_HASH.sub("", name)))
    if "-[" in name or "+[" in name:
        return name
    if "$" in name:
        for mark, text in _RUST_LEGACY.items():
            name = name.replace(mark, text)
    name = _RUST_CLOSURE.sub("{closure}", name)
    swift = _SWIFT.match(name)
    if swift:
        name = name[swift.end() :]
    return _without_brackets(name)


def _without_clones(name: str) -> str:
    """Without what compilers and linkers append to a symbol, however often."""
    while match := _CLONE.search(name, max(0, len(name) - _LONGEST_CLONE)):
        name = name[: match.start()]
    return name


def _without_brackets(name: str) -> str:
    """`int ns::Foo<T>::bar(int) const` → `ns::Foo::bar`, in one pass over the text."""
    name = name.replace("(anonymous namespace)", "(anonymous)")
    operator = _OPERATOR.search(name)
    head, tail = (
        (name, "") if operator is None else (name[: operator.start()], _SPACES.sub("", operator.group()))
    )
    out: list[str] = []
    depth = 0
    for i, char in enumerate(head):
        if char in "<(" and not (depth == 0 and (i == 0 or head[i - 1] == ":") and _keeps(head, i)):
            depth += 1
            if char == "(" and depth == 1 and out and "".join(out).strip():
                break  # the arguments; what follows are qualifiers
        elif char in ">)" and depth:
            depth -= 1
        elif depth == 0:
            out.append(char)
    text = "".join(out)
    words = [] if tail and text.endswith(" ") else text.split()
    return ((words[-1] if words else "") + tail) or name


def _keeps(head: str, i: int) -> bool:
    """`(anonymous namespace)` and Rust's `<T as Trait>` begin a name rather than end one."""
    return head.startswith("(anonymous", i)


_GENERATED_FILE = re.compile(r"(?<=ipython-input)-[\w\-]++|(?<=ipykernel_)\d++")


def file_name(path: str) -> str:
    """The last part of a path, lower case, without build digests."""
    name = path.replace("\\", "/").rpartition("/")[2].partition("?")[0]
    return strip_hashes(_GENERATED_FILE.sub("", name)).lower()


def same(name: str) -> str:
    return name


_JVM = (jvm_module, jvm_function)
_JS = (js_module, js_function)
_NATIVE = (same, native_function)

LANGUAGES: dict[str, tuple[Clean, Clean]] = {
    "java": _JVM,
    "groovy": _JVM,
    "kotlin": _JVM,
    "scala": _JVM,
    "clojure": _JVM,
    "android": _JVM,
    "python": (python_module, python_function),
    "php": (php_name, php_name),
    "ruby": (same, ruby_function),
    "go": (same, go_function),
    "csharp": (dotnet_name, dotnet_name),
    "javascript": _JS,
    "node": _JS,
    "native": _NATIVE,
    "c": _NATIVE,
    "cocoa": _NATIVE,
    "objc": _NATIVE,
    "swift": _NATIVE,
    "rust": _NATIVE,
}
_OTHER = (same, same)


def cleaners(platform: str) -> tuple[Clean, Clean]:
    """How modules and functions of a platform are brought to rest."""
    return LANGUAGES.get(platform, _OTHER)
