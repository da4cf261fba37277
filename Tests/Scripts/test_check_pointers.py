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


if __name__ == "__main__":
    unittest.main()
