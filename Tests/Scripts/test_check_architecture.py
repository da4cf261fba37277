"""scripts/check-architecture.sh compares the picture of the targets with Package.swift."""

import pathlib
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]


class CheckArchitectureTests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        (self.root / "docs").mkdir()
        shutil.copy(ROOT / "Package.swift", self.root)
        self.picture = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")

    def check(self, picture):
        (self.root / "docs/architecture.md").write_text(picture, encoding="utf-8")
        return subprocess.run(
            [ROOT / "scripts/check-architecture.sh", self.root], capture_output=True, text=True, check=False)

    def test_the_picture_of_this_repository_is_true(self):
        result = self.check(self.picture)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)

    def test_a_missing_arrow_is_named(self):
        result = self.check(self.picture.replace("    Redis --> System\n", ""))
        self.assertNotEqual(result.returncode, 0)
        self.assertIn("Redis --> System", result.stdout + result.stderr)

    def test_an_arrow_too_many_is_named(self):
        arrow = "    Redis --> System\n"
        result = self.check(self.picture.replace(arrow, arrow + "    Redis --> Queue\n"))
        self.assertNotEqual(result.returncode, 0)
        self.assertIn("Redis --> Queue", result.stdout + result.stderr)


if __name__ == "__main__":
    unittest.main()
