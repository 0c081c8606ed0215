"""Names that tools make up, language by language."""

import pytest

from vedette.group.v2026_11_01.frames import loosen
from vedette.group.v2026_11_01.names import cleaners, file_name, is_minified

FUNCTIONS = [
    ("java", "lambda$total$12", "lambda$total$"),
    ("java", "access$000", "access$"),
    ("java", "total", "total"),
    ("java", "$reify__4432", "$reify__"),
    ("python", "<lambda>", ""),
    ("python", "<module>", ""),
    ("python", "outer.<locals>.inner", "inner"),
    ("python", "total", "total"),
    ("php", "{closure}", "{closure}"),
    ("php", "{closure:App\\Cart::total():12}", "{closure}"),
    ("php", "class@anonymous\x00/srv/a.php:12$0::run", "run"),
    ("php", "__TwigTemplate_4f2a91c0aa::display", "__TwigTemplate::display"),
    ("ruby", "block in total", "total"),
    ("ruby", "block (3 levels) in total", "total"),
    ("ruby", "rescue in block in total", "total"),
    ("ruby", "Shop::Cart#total", "total"),
    ("ruby", "<main>", ""),
    ("ruby", "<class:Cart>", "<class:Cart>"),
    ("ruby", "_app_views_a_html_erb__12_34", "_app_views_a_html_erb"),
    ("go", "(*Cart).Total.func1.2", "(*Cart).Total.func"),
    ("go", "Map[go.shape.int].func3", "Map.func"),
    ("go", "handle-fm", "handle"),
    ("go", "run.gowrap1", "run.gowrap"),
    ("csharp", "<Main>b__0_1", "<Main>b__"),
    ("csharp", "<Run>g__Local|3_0", "<Run>g__Local|"),
    ("csharp", "Map`2", "Map`"),
    ("javascript", "Object.total", "total"),
    ("javascript", "async Cart.total", "total"),
    ("javascript", "async*total", "total"),
    ("javascript", "new Cart", "Cart"),
    ("javascript", "Cart.total [as run]", "total"),
    ("javascript", "promise callback*total", "total"),
    ("javascript", "total/<", ""),
    ("javascript", "total/this.run", "run"),
    ("javascript", "?", ""),
    ("javascript", "Object.<anonymous>", ""),
    ("javascript", "eval", ""),
    ("node", "Layer.handleRequest", "handleRequest"),
    ("native", "shop::cart::total::h0123456789abcdef", "shop::cart::total"),
    ("native", "core::ops::FnOnce::call_once{{vtable.shim}}", "core::ops::FnOnce::call_once{{vtable.shim}}"),
    ("native", "shop::run::{{closure}}", "shop::run::{closure}"),
    ("native", "shop::run::{closure#0}", "shop::run::{closure}"),
    ("native", "int ns::Cart<T, U<V>>::total(int, std::vector<int>) const", "ns::Cart::total"),
    ("native", "total(int)", "total"),
    ("native", "std::vector<int>::operator[](unsigned long)", "std::vector::operator[]"),
    ("native", "Cart::operator()(int)", "Cart::operator()"),
    ("native", "bool operator< <Cart>(Cart const&)", "operator<"),
    ("native", "(anonymous namespace)::total(int)", "(anonymous)::total"),
    ("native", "total.isra.0", "total"),
    ("native", "total.constprop.1.cold", "total"),
    ("native", "memcpy@@GLIBC_2.14", "memcpy"),
    ("objc", "-[Cart total:]", "-[Cart total:]"),
    ("objc", "__21-[Cart total]_block_invoke_2", "__21-[Cart total]_block_invoke"),
    ("cocoa", "closure #1 in Cart.total()", "Cart.total"),
    ("cocoa", "partial apply for closure #2 in Cart.total()", "Cart.total"),
    ("cocoa", "specialized Cart.total()", "Cart.total"),
    ("cocoa", "@objc Cart.total()", "Cart.total"),
    ("perl", "main::total", "main::total"),
]
MODULES = [
    ("java", "shop.Cart$$Lambda$14/0x0001", "shop.Cart"),
    ("java", "com.sun.proxy.$Proxy12", "com.sun.proxy.$Proxy"),
    (
        "java",
        "jdk.internal.reflect.GeneratedMethodAccessor77",
        "jdk.internal.reflect.GeneratedMethodAccessor",
    ),
    ("java", "shop.Cart$$EnhancerBySpringCGLIB$$1a2b", "shop.Cart"),
    ("java", "shop.Cart$$SpringCGLIB$$0", "shop.Cart"),
    ("java", "shop.Cart$HibernateProxy$aB3x", "shop.Cart$HibernateProxy"),
    ("java", "shop.Cart_$$_jvst1a2_3", "shop.Cart_$$_jvst"),
    ("java", "shop.Cart$1", "shop.Cart$"),
    ("java", "shop.core$fn__1234", "shop.core$fn__"),
    ("java", "shop.Cart$Item", "shop.Cart$Item"),
    ("python", "__main__", ""),
    ("python", "shop.cart", "shop.cart"),
    ("javascript", "static/js/main.3f2a91c0", "static/js/main"),
    ("csharp", "Shop.Cart+<>c__DisplayClass12_0", "Shop.Cart+<>c__DisplayClass"),
    ("csharp", "Shop.Cart+<TotalAsync>d__7", "Shop.Cart+<TotalAsync>d__"),
]
FILES = [
    ("/srv/shop/Cart.PY", "cart.py"),
    ("C:\\shop\\cart.cs", "cart.cs"),
    ("main.3f2a91c0.js", "main.js"),
    ("main-D4f9aZ2k.js", "main.js"),
    ("chunk-3RSXBRAN.mjs", "chunk.mjs"),
    ("vendors~main.1a2b3c4d5e6f7a8b9c0d.chunk.js", "vendors~main.chunk.js"),
    ("app.bundle.js", "app.bundle.js"),
    ("shopping-cart.js", "shopping-cart.js"),
    ("user-settings-page.js", "user-settings-page.js"),
    ("main.js?v=7", "main.js"),
    ("<ipython-input-12-ab34>", "<ipython-input>"),
    ("/tmp/ipykernel_123/456.py", "456.py"),
    ("4f2a91c04f2a91c04f2a91c04f2a91c04f2a91c0.php", ".php"),
]  # fmt: skip


@pytest.mark.parametrize(("platform", "name", "expected"), FUNCTIONS)
def test_functions_are_what_people_wrote(platform: str, name: str, expected: str) -> None:
    assert cleaners(platform)[1](name) == expected


@pytest.mark.parametrize(("platform", "name", "expected"), MODULES)
def test_modules_are_what_people_wrote(platform: str, name: str, expected: str) -> None:
    assert cleaners(platform)[0](name) == expected


@pytest.mark.parametrize(("path", "expected"), FILES)
def test_files_lose_folders_and_digests(path: str, expected: str) -> None:
    assert file_name(path) == expected


@pytest.mark.parametrize(("name", "expected"), [("t", True), ("ki", True), ("run", False)])
def test_very_short_names_come_from_a_minifier(name: str, expected: bool) -> None:
    assert is_minified(name) is expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("    return   total( a,  b )", "return total(a,b)"),
        ("x = ['a', 'b',]", 'x=["a","b"]'),
        ("const x = f(`a`);", 'const x=f("a")'),
        ("if (a && b) {", "if(a&&b){"),
        ("return x", "return x"),
        ("", ""),
    ],
)
def test_source_lines_lose_what_a_formatter_changes(line: str, expected: str) -> None:
    assert loosen(line) == expected
