"""scripts/check-pointers.sh finds pointers into docs/ that lead nowhere."""

import pathlib
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]


class CheckPointersTests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        for name in ("Sources", "Tests", "nginx", "conf", "Benchmarks", "scripts", "docs"):
            (self.root / name).mkdir()
        (self.root / "docs/protocol.md").write_text("# Protocol\n\n## 1. Keys\n\n### 1.2 Values\n", encoding="utf-8")

    def check(self, text):
        (self.root / "Sources/A.swift").write_text(text, encoding="utf-8")
        return subprocess.run(
            [ROOT / "scripts/check-pointers.sh", self.root], capture_output=True, text=True, check=False)

    def test_pointers_that_lead_somewhere_pass(self):
        result = self.check("// See docs/protocol.md 1.2 and docs/protocol.md 1.\n")
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)

    def test_a_section_that_does_not_exist_is_named_with_its_line(self):
        result = self.check("\n// See docs/protocol.md 1.3.\n")
        self.assertEqual(result.returncode, 1)
        self.assertIn("Sources/A.swift:2", result.stdout + result.stderr)

    def test_a_file_that_does_not_exist_is_named(self):
        result = self.check("// See docs/nothing.md 1.2.\n")
        self.assertEqual(result.returncode, 1)
        self.assertIn("docs/nothing.md", result.stdout + result.stderr)

    def test_pointers_to_texts_outside_the_repository_are_refused(self):
        for text in ("// contract 7.4\n", "// design, section 3\n"):
            self.assertEqual(self.check(text).returncode, 1, text)

    def check_page(self, name, text):
        (self.root / name).write_text(text, encoding="utf-8")
        return subprocess.run(
            [ROOT / "scripts/check-pointers.sh", self.root], capture_output=True, text=True, check=False)

    def test_links_to_headings_pass(self):
        for name, text in (
            ("docs/queue.md", "# Queue\n\n## The `queue`: dead letters\n\n[x](#the-queue-dead-letters)\n"),
            ("docs/queue.md", "# Queue\n\n## Two\n\n## Two\n\n[x](#two-1), [y](protocol.md#12-values)\n"),
            ("README.md", "# Project\n\n[x](docs/protocol.md#1-keys), [y](https://example.com/a.md#b)\n"),
        ):
            result = self.check_page(name, text)
            self.assertEqual(result.returncode, 0, text + result.stderr)

    def test_a_link_to_a_heading_that_does_not_exist_is_named_with_its_line(self):
        for name, link in (
            ("docs/queue.md", "#dead-letters"),
            ("docs/queue.md", "protocol.md#13-values"),
            ("README.md", "docs/protocol.md#2-keys"),
        ):
            with self.subTest(link):
                result = self.check_page(name, f"# Title\n\nSee [this]({link}).\n")
                self.assertEqual(result.returncode, 1)
                self.assertIn(f"{name}:3: {link} leads to no heading", result.stderr)
                (self.root / name).unlink()

    def test_a_comment_in_a_code_block_is_no_heading(self):
        result = self.check_page("docs/queue.md", "# Queue\n\n```sh\n# run\n```\n\n[x](#run)\n")
        self.assertEqual(result.returncode, 1)


if __name__ == "__main__":
    unittest.main()
