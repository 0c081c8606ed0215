"""In-app where the SDK does not say (grouping notes: in-app rules 3 and 4)."""

import pytest

from tests.unit.normalize.build import frames_of
from vedette.normalize.in_app import decide


@pytest.mark.parametrize(
    ("platform", "path", "module", "package", "expected"),
    [
        ("javascript", "https://a.example/static/app.js", None, None, True),
        ("javascript", "webpack:///./node_modules/react-dom/index.js", None, None, False),
        ("javascript", "webpack/bootstrap 12ab", None, None, False),
        ("javascript", "(webpack)/buildin/global.js", None, None, False),
        ("javascript", "~/react/index.js", None, None, False),
        ("javascript", "/vendor/react-dom/cjs.js", None, None, False),
        ("javascript", "chrome-extension://abc/x.js", None, None, False),
        ("javascript", "<anonymous>", None, None, None),
        ("javascript", None, None, None, None),
        ("node", "node:internal/process/task_queues", None, None, False),
        ("node", "/srv/api/server.js", None, None, True),
        ("native", None, None, "/usr/lib/libc.so.6", False),
        ("native", None, None, "/lib/x86_64-linux-gnu/libc.so", False),
        ("native", None, None, r"C:\Windows\System32\ntdll.dll", False),
        ("native", None, None, "/opt/shop/bin/shop", None),
        ("cocoa", None, None, "/System/Library/Frameworks/UIKit.framework/UIKit", False),
        ("cocoa", None, None, "/private/var/containers/Bundle/Application/X/Shop.app/Shop", True),
        ("java", None, "java.lang.Thread", None, False),
        ("java", None, "androidx.core.Foo", None, False),
        ("java", None, "javaland.shop.Cart", None, True),
        ("java", None, None, None, None),
        ("php", "/srv/shop/vendor/laravel/x.php", None, None, False),
        ("php", "/srv/shop/src/Cart.php", None, None, True),
        ("ruby", "/usr/lib/ruby/gems/3.2/gems/rack/x.rb", None, None, False),
        ("ruby", "/srv/shop/app/cart.rb", None, None, True),
        ("go", "/root/go/pkg/mod/github.com/x/y.go", "github.com/x", None, False),
        ("go", "/usr/local/go/src/net/http/server.go", "net/http", None, False),
        ("go", "/srv/shop/main.go", "main", None, True),
        ("csharp", None, "System.Threading.Tasks", None, False),
        ("csharp", None, "Shop.Cart", None, True),
        ("python", "/srv/venv/lib/python3.11/site-packages/django/x.py", None, None, False),
        ("python", "/usr/lib/python3.11/asyncio/runners.py", None, None, False),
        ("python", "/srv/shop/cart.py", None, None, True),
        ("other", "/srv/shop/cart", None, None, None),
    ],
)
def test_a_library_is_not_in_app(
    platform: str, path: str | None, module: str | None, package: str | None, expected: bool | None
):
    assert decide(platform, path, module, package) is expected


def test_what_the_sdk_says_stays():
    assert (
        frames_of(event_platform="java", function="f", module="java.lang.Thread", in_app=True)[0].in_app
        is True
    )


def test_a_frames_own_platform_decides():
    assert (
        frames_of(event_platform="python", function="f", module="java.lang.Thread", platform="java")[0].in_app
        is False
    )
