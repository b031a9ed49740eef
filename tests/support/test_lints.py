#!/usr/bin/env python3
"""The lints must refuse what they are for and accept what they are not for."""

import unittest
from pathlib import Path

import layers
import lint_coro
import lint_text
from source import ROOT, bare

REFUSED = [
    ("condition", "if (co_await ok()) return;"),
    ("condition with init", "if (auto r = co_await f(); r) g();"),
    ("loop condition", "while (co_await more()) step();"),
    ("switch", "switch (co_await kind()) { case 1: break; }"),
    ("classic for", "for (int i = co_await f(); i < 3; ++i) g();"),
    ("negated", "bool b = !co_await f();"),
    ("ternary", "s = c ? co_await g() : std::string(4, a);"),
    ("ternary behind", "s = co_await g() ? a : b;"),
    ("comparison", "bool same = co_await f() == 3;"),
    ("conjunction", "const auto both = a && co_await f();"),
    ("aggregate argument", "co_await f(Agg{.n = 1});"),
    ("braced argument", "co_await f({1, 2});"),
    ("initialiser", "Agg a{.n = co_await g()};"),
    ("typed initialiser", "std::vector<int> v{co_await g()};"),
    ("returned aggregate", "co_return Agg{co_await g()};"),
    ("argument", "v.push_back(co_await g());"),
    ("nested", "co_await f(co_await g());"),
    ("capturing lambda", "co_await f([p] { return *p; });"),
    ("lambda called", "co_await [t]() -> awaitable<void> { co_return; }();"),
    ("member of result", "auto n = (co_await f()).size();"),
    ("macro", "REQUIRE(co_await f());"),
    ("subscript", "x[co_await f()] = 1;"),
    ("compound assignment", "total += co_await f();"),
    ("stream", "out << co_await f();"),
    ("after control", "if (ready) total += co_await f();"),
    ("across lines", "auto r =\n    std::move(\n        co_await f());"),
    ("range-for with more", "for (auto x : pick(co_await f())) g(x);"),
]

ACCEPTED = [
    "co_await f(x);",
    "const auto r = co_await f(x, std::move(y), 5s);",
    "auto& r = co_await f(x);",
    "auto [a, b] = co_await f(x);",
    "std::vector<std::pair<int, int>> r = co_await f(x);",
    "util::result<void> r = co_await f(x);",
    "r = co_await f(x);",
    "this->last_ = co_await f(x);",
    "items[3] = co_await f(x);",
    "*out = co_await f(x);",
    "co_return co_await f(x);",
    "(void)co_await f(x);",
    "co_await (a() || b());",
    "auto r = co_await (a() && b());",
    "if (a) co_await f(x);",
    "if (a == b && c) { x(); } else co_await f(x);",
    "if constexpr (a) r = co_await f(x);",
    "for (auto& e : list) co_await e.close(1'000, now);",
    "for (auto x : co_await all(y)) use(x);",
    "switch (k) { case kind::a: co_await f(x); break; default: co_return co_await g(); }",
    "auto t = [this]() -> task<> { co_await f(x); };",
    "// if (co_await f()) is what g++ 12 breaks",
    'say("if (co_await f())");',
    "co_await asio::this_coro::executor;",
    "auto ex = co_await asio::this_coro::executor;",
]


class Coroutines(unittest.TestCase):
    def complaints(self, statement):
        return list(lint_coro.check("x.cpp", f"task<> f() {{\n    int a = 0;\n    {statement}\n}}\n"))

    def test_refused(self):
        for name, statement in REFUSED:
            with self.subTest(name):
                self.assertTrue(self.complaints(statement), statement)

    def test_accepted(self):
        for statement in ACCEPTED:
            with self.subTest(statement):
                self.assertEqual(self.complaints(statement), [])

    def test_the_line_is_right(self):
        [complaint] = self.complaints("if (co_await ok()) return;")
        self.assertTrue(complaint.startswith("x.cpp:3: "), complaint)


class Layers(unittest.TestCase):
    def test_a_forbidden_include(self):
        self.assertTrue(list(layers.check_includes("proto", "p", '#include "model/machine.hpp"\n')))
        self.assertTrue(list(layers.check_includes("server", "p", '  # include "agent/session.hpp"\n')))

    def test_allowed_includes(self):
        text = '#include "agg/fold.hpp"\n#include "model/machine.hpp"\n#include <boost/asio.hpp>\n'
        self.assertEqual(list(layers.check_includes("model", "p", text)), [])

    def test_a_library_behind_a_layer(self):
        for name in ("boost/beast/core.hpp", "openssl/ssl.h"):
            self.assertTrue(list(layers.check_includes("server", "p", f"#include <{name}>\n")), name)
            self.assertEqual(list(layers.check_includes("net", "p", f"#include <{name}>\n")), [])

    def test_dependencies(self):
        self.assertTrue(list(layers.check_dependencies("net", "p", "dependencies: [proto_dep]")))
        self.assertEqual(list(layers.check_dependencies("net", "p", "# not proto_dep\n[util_dep, boost_dep]")), [])

    def test_the_readme_must_show_the_table(self):
        text = (ROOT / "src/README.md").read_text()
        self.assertEqual(list(layers.check_readme("r", text)), [])
        self.assertTrue(list(layers.check_readme("r", text.replace("| stats util |", "| stats net util |"))))
        self.assertTrue(list(layers.check_readme("r", "no table at all")))


class Text(unittest.TestCase):
    def complaints(self, text, name="src/net/x.cpp"):
        path = Path(name)
        return [*lint_text.check_text(path, text), *lint_text.check_code(path, text)]

    def test_refused(self):
        for text in ("int a; \n", "\tint a;\n", "int a;", "int a;\n" * 401, "co_spawn(e, f(), detached);\n"):
            self.assertTrue(self.complaints(text), text[:40])
        self.assertTrue(self.complaints("int a;\n", "src/net/x.hpp"))

    def test_accepted(self):
        self.assertEqual(self.complaints("int a;\n" * 400), [])
        self.assertEqual(self.complaints("// detached\n#pragma once\n", "src/net/x.hpp"), [])
        self.assertEqual(self.complaints("co_spawn(e, f(), detached);\n", "src/net/group.cpp"), [])

    def test_own_header(self):
        self.assertEqual(list(lint_text.check_own_header("p", '// x\n#include "net/x.hpp"\n', "net/x.hpp")), [])
        self.assertTrue(list(lint_text.check_own_header("p", '#include <map>\n#include "net/x.hpp"\n', "net/x.hpp")))


class Bare(unittest.TestCase):
    def test_literals_and_comments_go_and_positions_stay(self):
        text = 'a("co_await {", \'{\', 1\'000); // {\nR"x({)x" /* {\n{ */ b'
        out = bare(text)
        self.assertEqual(len(out), len(text))
        self.assertEqual(out.count("\n"), text.count("\n"))
        self.assertNotIn("{", out)
        self.assertIn("1'000", out)


if __name__ == "__main__":
    unittest.main()
