"""The failure cases that users of other products complain of: pairs that join, pairs that split."""

from typing import Any, NamedTuple

import pytest
from msgspec import Raw

from tests.unit.group.build import config, decoded, error, event, frame, joins, raised, said, stack
from vedette.core.event import Event, LogEntry, Mechanism, Thread, Threads
from vedette.group import GroupingConfig

SYNTHETIC = Mechanism(synthetic=True)
FIRST_BUILD = "https://shop.example/static/main.3f2a91c0.js"
SECOND_BUILD = "https://shop.example/static/main.99aa00ff.js"


class Pair(NamedTuple):
    """Two events that one name tells apart or says to be one."""

    what: str
    one: Event
    other: Event
    by: GroupingConfig = GroupingConfig()


def py(function: str, line: str | None = None, **fields: Any) -> Any:
    return frame(function, "shop.orders", filename="shop/orders.py", context_line=line, **fields)


def lib(function: str, module: str = "requests.api", **fields: Any) -> Any:
    return frame(function, module, **{"in_app": False, **fields})


def js(function: str, url: str = "https://shop.example/static/main.3f2a91c0.js", **fields: Any) -> Any:
    return frame(function, filename=url, abs_path=url, **fields)


def node(function: str | None, path: str = "/srv/api/src/cart.js", **fields: Any) -> Any:
    return frame(function, filename=path, abs_path=path, **fields)


def jvm(module: str, function: str, **fields: Any) -> Any:
    return frame(function, module, **fields)


def web(value: str | None, type: str | None = "TypeError", **fields: Any) -> Event:
    return raised(error(type=type, value=value), platform="javascript", **fields)


def wrapped(inner: str, outer: str) -> Event:
    return raised(error(py("load"), type=inner), error(py("run"), type=outer))


def mapped(line: str, function: str, url: str, colno: int) -> Any:
    """A frame of a bundle whose source map has been applied."""
    data = Raw(b'{"sourcemap":"https://shop.example/static/main.js.map"}')
    return js(function, url, lineno=1, colno=colno, context_line=line, data=data)


def called(url: str) -> Raw:
    return Raw(b'[{"type":"http","category":"fetch","data":{"url":"%s"}}]' % url.encode())


def members(*types: str, wrapper: str = "ExceptionGroup") -> Event:
    """A group of exceptions raised in one place each."""
    inner = [
        error(py(f"do_{t}"), type=t, mechanism=Mechanism(exception_id=i, parent_id=0))
        for i, t in enumerate(types, 1)
    ]
    outer = error(
        py("gather"),
        type=wrapper,
        value=f"{len(types)} sub-exceptions",
        mechanism=Mechanism(exception_id=0, is_exception_group=True),
    )
    return raised(*reversed(inner), outer)


def recursion(depth: int, *cycle: str) -> Event:
    return raised(error(py("main"), *(py(f) for f in cycle * depth), py("leaf")))


def captured(value: str) -> Event:
    shared = [js("sentryWrapped"), js("onClick"), js("captureAll")]
    return raised(error(*shared, type="Error", value=value, mechanism=SYNTHETIC), platform="javascript")


def js11_message(text: str) -> Event:
    """What `captureMessage` of JavaScript SDK 11 sends."""
    helper = [node("start"), node("logMessage", context_line="Sentry.captureMessage(text)")]
    return raised(error(*helper, type=None, value=text, mechanism=SYNTHETIC), platform="node", logentry=None)


MUST_SPLIT = [
    Pair(
        "a raise helper, told apart by what it raises",
        raised(error(py("save"), py("raise_error", "raise Problem(text)"), value="stock is empty")),
        raised(error(py("save"), py("raise_error", "raise Problem(text)"), value="card was declined")),
    ),
    Pair(
        "a helper that the project names by a rule",
        raised(error(py("save"), py("fail_with"), value="stock is empty")),
        raised(error(py("save"), py("fail_with"), value="card was declined")),
        config(stacks="stack.function:fail_with category=throw"),
    ),
    Pair(
        "no in-app frame, different system frames",
        raised(error(lib("get"), lib("send", "urllib3.pool"), type="Timeout")),
        raised(error(lib("connect", "psycopg"), lib("wait", "psycopg.waiting"), type="Timeout")),
    ),
    Pair(
        "no in-app frame and only runner frames, different texts",
        raised(error(lib("run", "asyncio.runners"), lib("_run", "asyncio.events"), value="queue is closed")),
        raised(error(lib("run", "asyncio.runners"), lib("_run", "asyncio.events"), value="socket went away")),
    ),
    Pair(
        "one known frame among many unknown ones",
        raised(
            error(frame("main"), frame(), frame(), type="SIGSEGV", value="bad access in Reader"),
            platform="native",
        ),
        raised(
            error(frame("main"), frame(), frame(), type="SIGSEGV", value="division by zero"),
            platform="native",
        ),
    ),
    Pair(
        "one bare function name that half the web shares",
        raised(error(js("HTMLButtonElement.onclick"), value="cart is locked"), platform="javascript"),
        raised(error(js("HTMLButtonElement.onclick"), value="amount is missing"), platform="javascript"),
    ),
    Pair(
        "failed requests to different hosts",
        web("Failed to fetch", breadcrumbs=called("https://api.example.com/v1/orders/7")),
        web("Failed to fetch", breadcrumbs=called("https://maps.example.net/tile/3")),
    ),
    Pair(
        "failed requests, host named by the SDK",
        web("Failed to fetch (api.example.com)"),
        web("Failed to fetch (maps.example.net)"),
    ),
    Pair(
        "failed requests from different pages",
        web("Network Error", type="AxiosError", transaction="/checkout"),
        web("Network Error", type="AxiosError", transaction="/login"),
    ),
    Pair(
        "captured objects of different keys",
        captured("Object captured as exception with keys: code, message"),
        captured("Object captured as exception with keys: isTrusted"),
    ),
    Pair(
        "rejections of different values",
        captured("Non-Error promise rejection captured with value: no session"),
        captured("Non-Error promise rejection captured with value: quota used up"),
    ),
    Pair(
        "an unknown error on different pages",
        web("<unknown>", type="Error", transaction="/checkout"),
        web("<unknown>", type="Error", transaction="/login"),
    ),
    Pair(
        "event-loop frames the SDK took for in-app ones",
        raised(
            error(frame("_run", "asyncio.events"), frame("trace", "celery.app.trace"), value="no such user")
        ),
        raised(
            error(frame("_run", "asyncio.events"), frame("trace", "celery.app.trace"), value="disk is full")
        ),
    ),
    Pair(
        "a minified bundle without source maps",
        raised(error(js("t"), js("n"), js("e"), value="amount is missing"), platform="javascript"),
        raised(error(js("t"), js("n"), js("e"), value="cart is locked"), platform="javascript"),
    ),
    Pair(
        "a source map that came late: before and after it, other names and lines",
        raised(error(js("t", colno=71), js("n", colno=9)), platform="javascript"),
        raised(error(mapped("pay(cart)", "t", FIRST_BUILD, 71)), platform="javascript"),
    ),
    Pair(
        "source-mapped events of one build, from other lines",
        raised(error(mapped("pay(cart)", "t", FIRST_BUILD, 71)), platform="javascript"),
        raised(error(mapped("refund(cart)", "t", FIRST_BUILD, 99)), platform="javascript"),
    ),
    Pair(
        "different callers, without the option to group by the crash frame",
        raised(error(py("list_orders"), py("query"))),
        raised(error(py("export_orders"), py("query"))),
    ),
    Pair(
        "messages of one logging helper (JavaScript 11)",
        js11_message("payment provider is slow"),
        js11_message("stock is running low"),
    ),
    Pair(
        "different lines of one function", raised(error(py("f", 'a["x"]'))), raised(error(py("f", 'b["y"]')))
    ),
    Pair(
        "different lines of one view that call the same library",
        raised(error(py("f", "get(a)"), lib("get"))),
        raised(error(py("f", "get(b)"), lib("get"))),
    ),
    Pair(
        "different types", raised(error(py("f"), type="KeyError")), raised(error(py("f"), type="IndexError"))
    ),
    Pair("different messages", said("cache is cold"), said("queue is full")),
    Pair(
        "groups of different members",
        members("KeyError", "OSError"),
        members("KeyError", "TypeError"),
    ),
    Pair("other words around a number", said("GET /orders/7 failed"), said("GET /users/7 failed")),
    Pair(
        "NSErrors of different codes",
        raised(
            error(
                type="NSError",
                value=None,
                mechanism=Mechanism(meta=Raw(b'{"ns_error":{"domain":"A","code":1}}')),
            ),
            platform="cocoa",
        ),
        raised(
            error(
                type="NSError",
                value=None,
                mechanism=Mechanism(meta=Raw(b'{"ns_error":{"domain":"A","code":2}}')),
            ),
            platform="cocoa",
        ),
    ),
]

MUST_JOIN = [
    Pair(
        "the same stack with different values",
        raised(error(py("f"), py("g"), value="order 7")),
        raised(error(py("f"), py("g"), value="something else")),
    ),
    Pair(
        "a raise helper with ids in what it raises",
        raised(error(py("save"), py("raise_error"), value="order 7 is gone")),
        raised(error(py("save"), py("raise_error"), value="order 8812 is gone")),
    ),
    Pair(
        "a raise helper where the project does not want to tell apart",
        raised(error(py("save"), py("raise_error"), value="stock is empty")),
        raised(error(py("save"), py("raise_error"), value="card was declined")),
        config(value_at_raise_helper=False),
    ),
    Pair(
        "ids, ports, paths and columns in a text without a stack",
        said("worker-3 at 10.0.0.7:5432 lost /tmp/x81/a.sock, line 3 column 9, id 9f86d081"),
        said("worker-12 at 10.0.4.1:5433 lost /tmp/q7/b.sock, line 44 column 1, id 60303ae2"),
    ),
    Pair(
        "different callers, with the option to group by the crash frame",
        raised(error(py("list_orders"), py("query"))),
        raised(error(py("export_orders"), py("query"))),
        config(stacks="family:all max-frames=1"),
    ),
    Pair(
        "grouping by the crash frame does not let the value in",
        raised(error(py("list_orders"), py("query"), value="order 7 of ada")),
        raised(error(py("export_orders"), py("query"), value="order 7 of bob")),
        config(stacks="family:all max-frames=1"),
    ),
    Pair(
        "recursion does not let the value in",
        raised(error(py("walk"), py("walk"), py("walk"), value="at ada")),
        raised(error(py("walk"), py("walk"), value="at bob")),
    ),
    Pair(
        "a cause without a stack of its own",
        raised(error(type="KeyError", value="ada"), error(py("f"), py("g")), transaction="/a"),
        raised(error(type="KeyError", value="bob"), error(py("f"), py("g")), transaction="/b"),
    ),
    Pair(
        "a library that the SDK's settings call in-app",
        raised(error(lib("get", "shop_core.api", in_app=True, abs_path="/v/site-packages/shop_core/api.py"))),
        raised(error(lib("run"), lib("get", "shop_core.api", in_app=True, abs_path="/x/shop_core/api.py"))),
    ),
    Pair("recursion of different depth", recursion(2, "walk"), recursion(9, "walk")),
    Pair("recursion through others", recursion(2, "visit", "visit_child"), recursion(7, "visit", "visit_child")),
    Pair(
        "framework frames that came with an upgrade",
        raised(error(lib("a"), py("f"))),
        raised(error(lib("a"), lib("b", "django.core"), py("f"))),
    ),
    Pair(
        "React's internals between the same components",
        raised(error(js("render", in_app=False), js("Cart"), js("Total")), platform="javascript"),
        raised(
            error(js("commit", in_app=False), js("render", in_app=False), js("Cart"), js("Total")),
            platform="javascript",
        ),
    ),
    Pair(
        "columns and hashed file names per build",
        raised(error(js("checkout"), js("total", lineno=1, colno=71)), platform="javascript"),
        raised(
            error(
                js("checkout", "https://shop.example/static/main.99aa00ff.js"),
                js("total", "https://shop.example/static/main.99aa00ff.js", lineno=1, colno=13),
            ),
            platform="javascript",
        ),
    ),
    Pair(
        "builds that a source map names anew, though a minifier named them otherwise",
        raised(error(mapped("total(cart)", "t", FIRST_BUILD, 71)), platform="javascript"),
        raised(error(mapped("total(cart)", "Qn", SECOND_BUILD, 13)), platform="javascript"),
    ),
    Pair(
        "a source map that came late: builds without it by type and text",
        raised(error(js("t", FIRST_BUILD, colno=71), js("n", FIRST_BUILD)), platform="javascript"),
        raised(error(js("Qn", SECOND_BUILD, colno=13), js("x", SECOND_BUILD)), platform="javascript"),
    ),
    Pair(
        "native frames of one engine only",
        raised(
            error(node("run"), frame("Array.forEach", filename="<anonymous>", in_app=False), node("each")),
            platform="javascript",
        ),
        raised(error(node("run"), node("each")), platform="javascript"),
    ),
    Pair(
        "WebKit's native frames",
        raised(
            error(node("run"), frame("forEach", filename="[native code]", in_app=False), node("each")),
            platform="javascript",
        ),
        raised(error(node("run"), node("each")), platform="javascript"),
    ),
    Pair(
        "engines that spell a method differently",
        raised(error(js("Object.run"), js("async Cart.total")), platform="javascript"),
        raised(error(js("run"), js("async*total")), platform="javascript"),
    ),
    Pair(
        "a missing property, Chrome and Safari",
        web("Cannot read properties of undefined (reading 'amount')"),
        web("undefined is not an object (evaluating 'cart.total.amount')"),
    ),
    Pair(
        "a missing property, Chrome and Firefox",
        web("Cannot read properties of null (reading 'amount')"),
        web('can\'t access property "amount", cart is null'),
    ),
    Pair(
        "an unknown name, Chrome and Safari",
        web("gtag is not defined", type="ReferenceError"),
        web("Can't find variable: gtag", type="ReferenceError"),
    ),
    Pair(
        "not a function, Chrome and Safari",
        web("cart.total is not a function"),
        web("cart.total is not a function. (In 'cart.total()', 'cart.total' is undefined)"),
    ),
    Pair(
        "exhausted call stack, Chrome and Firefox",
        web("Maximum call stack size exceeded", type="RangeError"),
        web("too much recursion", type="InternalError"),
    ),
    Pair(
        "failed request, Chrome and Safari",
        web("Failed to fetch", breadcrumbs=called("https://api.example.com/v1")),
        web("Load failed", breadcrumbs=called("https://api.example.com/v2?x=1")),
    ),
    Pair(
        "failed request, host named by the SDK or by a breadcrumb",
        web("Failed to fetch (api.example.com)"),
        web("NetworkError when attempting to fetch resource.", breadcrumbs=called("https://api.example.com/v2")),
    ),
    Pair(
        "no JSON, three engines",
        web("Unexpected token < in JSON at position 0", type="SyntaxError", transaction="/a"),
        web("JSON Parse error: Unrecognized token '<'", type="SyntaxError", transaction="/a"),
    ),
    Pair(
        "a context line that a formatter edited",
        raised(error(py("f", "    total = price( 'net', [a, b] )"))),
        raised(error(py("f", '\ttotal = price("net", [a, b,])'))),
    ),
    Pair(
        "with and without source context, for projects that deploy both ways",
        raised(error(py("f", "return total / count"))),
        raised(error(py("f"))),
        config(context_lines=False),
    ),
    Pair(
        "a caller's line that was edited",
        raised(error(py("view", "return total(cart)"), py("total", "return a / b"))),
        raised(error(py("view", "return total(cart, user)"), py("total", "return a / b"))),
    ),
    Pair(
        "Java lambdas",
        raised(error(jvm("shop.Cart$$Lambda$14/0x0001", "run"), jvm("shop.Cart", "lambda$total$0")), platform="java"),
        raised(error(jvm("shop.Cart$$Lambda$99/0x7fff", "run"), jvm("shop.Cart", "lambda$total$3")), platform="java"),
    ),
    Pair(
        "Java proxies",
        raised(error(jvm("com.sun.proxy.$Proxy12", "find"), jvm("shop.Repo$1", "find")), platform="java"),
        raised(error(jvm("com.sun.proxy.$Proxy98", "find"), jvm("shop.Repo$2", "find")), platform="java"),
    ),
    Pair(
        "CGLIB and reflection",
        raised(
            error(
                jvm("shop.Cart$$EnhancerBySpringCGLIB$$1a2b3c4d", "total"),
                jvm("sun.reflect.GeneratedMethodAccessor12", "invoke", in_app=False),
                jvm("shop.Cart", "total"),
            ),
            platform="java",
        ),
        raised(
            error(
                jvm("shop.Cart$$EnhancerBySpringCGLIB$$99ffee00", "total"),
                jvm("sun.reflect.GeneratedMethodAccessor7", "invoke", in_app=False),
                jvm("shop.Cart", "total"),
            ),
            platform="java",
        ),
    ),
    Pair(
        "Go closures",
        raised(error(frame("(*Cart).Total.func1.2", "main")), platform="go"),
        raised(error(frame("(*Cart).Total.func2", "main")), platform="go"),
    ),
    Pair(
        "Rust hashes",
        raised(error(frame("shop::cart::total::h0123456789abcdef")), platform="native"),
        raised(error(frame("shop::cart::total::hfedcba9876543210")), platform="native"),
    ),
    Pair(
        "C++ by two compilers",
        raised(error(frame("int shop::Cart<Item>::total(unsigned int) const")), platform="native"),
        raised(error(frame("shop::Cart<shop::Item>::total(unsigned long)")), platform="native"),
    ),
    Pair(
        "native inlining clones",
        raised(error(frame("parse_header.isra.0"), frame("read.cold")), platform="native"),
        raised(error(frame("parse_header"), frame("read")), platform="native"),
    ),
    Pair(
        "native code from other packages",
        raised(error(frame("total", package="/opt/a/libshop.so", filename="cart.c")), platform="native"),
        raised(error(frame("total", package="/usr/local/libshop.so.1", filename="Cart.C")), platform="native"),
    ),
    Pair(
        "Swift thunks",
        raised(error(frame("closure #1 in Cart.total()")), platform="cocoa"),
        raised(error(frame("partial apply for closure #2 in Cart.total()")), platform="cocoa"),
    ),
    Pair(
        "ERB templates",
        raised(error(frame("_app_views_cart_show_html_erb__123456_7890")), platform="ruby"),
        raised(error(frame("_app_views_cart_show_html_erb___99_12")), platform="ruby"),
    ),
    Pair(
        "Ruby's two spellings of a method",
        raised(error(frame("block (2 levels) in total", filename="cart.rb")), platform="ruby"),
        raised(error(frame("block in Cart#total", filename="cart.rb")), platform="ruby"),
    ),
    Pair(
        "PHP's anonymous classes",
        raised(error(frame("class@anonymous\x00/srv/a.php:12$0::run")), platform="php"),
        raised(error(frame("class@anonymous\x00/opt/a.php:19$4::run")), platform="php"),
    ),
    Pair(
        ".NET state machines",
        raised(error(frame("MoveNext", "Shop.Cart+<TotalAsync>d__12")), platform="csharp"),
        raised(error(frame("MoveNext", "Shop.Cart+<TotalAsync>d__3")), platform="csharp"),
    ),
    Pair(
        "hashed chunks that a server loads",
        raised(error(node("run", "/srv/dist/main.3f2a91c0.js")), platform="node"),
        raised(error(node("run", "/srv/dist/main.7e7e7e7e.js")), platform="node"),
    ),
    Pair(
        "wrappers the project ignores",
        wrapped("KeyError", "JobFailed"),
        wrapped("KeyError", "TaskFailed"),
        config(ignored_wrappers=frozenset({"JobFailed", "TaskFailed"})),
    ),
    Pair("a group of equal exceptions, few or many", members("KeyError"), members("KeyError", "KeyError", "KeyError")),
    Pair(
        "a group in another order",
        members("KeyError", "OSError", "KeyError"),
        members("OSError", "KeyError", "OSError", "OSError"),
    ),
    Pair(
        "an SDK that changed its mind on in-app",
        raised(error(py("f"), lib("g"))),
        raised(error(py("f"), lib("g", in_app=True))),
    ),
    Pair(
        "middleware that was added",
        raised(error(lib("handle", "django.core"), py("view"))),
        raised(error(lib("handle", "django.core"), lib("timing", "timing.middleware"), py("view"))),
    ),
    Pair(
        "a message before and after the upgrade to JavaScript 11",
        said("order 7 is late", platform="node"),
        js11_message("order 981 is late"),
    ),
    Pair("captured objects whose keys come in another order",
         captured("Object captured as exception with keys: message, code"),
         captured("Object captured as exception with keys: code, message")),
    Pair("a template and its parameters",
         event(logentry=LogEntry(message="user %s is gone", formatted="user ada is gone")),
         event(logentry=LogEntry(message="user %s is gone", formatted="user bob is gone"))),
    Pair("comprehensions before and after Python 3.12",
         raised(error(py("f"), py("<listcomp>", "g(x)"), py("g"))),
         raised(error(py("f"), py("g")))),
    Pair("chunks that a deploy replaced",
         raised(error(js("load"), type="ChunkLoadError", value="Loading chunk 7 failed."), platform="javascript"),
         raised(error(js("go"), type="TypeError",
                      value="Failed to fetch dynamically imported module: https://x/a.js"), platform="javascript")),
    Pair("hydration of one page",
         web("Hydration failed because the initial UI does not match", type="Error", transaction="/a"),
         web("Minified React error #418; visit https://reactjs.org", type="Error", transaction="/a")),
    Pair("the crashed thread among idle ones",
         event("native", threads=Threads([
             Thread(id=1, stacktrace=stack(frame("wait_a"))),
             Thread(id=2, crashed=True, stacktrace=stack(frame("boom")))])),
         event("native", threads=Threads([
             Thread(id=1, stacktrace=stack(frame("wait_b"))),
             Thread(id=2, crashed=True, stacktrace=stack(frame("boom")))]))),
]  # fmt: skip


@pytest.mark.parametrize("pair", MUST_JOIN, ids=lambda p: p.what)
def test_these_join(pair: Pair) -> None:
    assert joins(pair.one, pair.other, pair.by)


@pytest.mark.parametrize("pair", MUST_SPLIT, ids=lambda p: p.what)
def test_these_split(pair: Pair) -> None:
    assert not joins(pair.one, pair.other, pair.by)


def test_a_message_of_javascript_11_keeps_its_text_as_title() -> None:
    from tests.unit.group.build import grouped

    found = grouped(js11_message("order 7 is late"))
    assert (found.title, found.main_exception) == ("order 7 is late", None)


def test_frames_known_by_abs_path_only_group_as_frames_with_a_filename() -> None:
    one = decoded({"platform": "python", "exception": {"values": [{"type": "E", "stacktrace": {"frames": [
        {"abs_path": "/srv/venv/app/cart.py", "function": "f", "in_app": True}]}}]}})  # fmt: skip
    other = decoded({"platform": "python", "exception": {"values": [{"type": "E", "stacktrace": {"frames": [
        {"abs_path": "/home/x/cart.py", "filename": "cart.py", "function": "f", "in_app": True}]}}]}})  # fmt: skip
    assert joins(one, other)
