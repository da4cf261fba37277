"""scripts/check-text.py finds what it is there for, and nothing else."""

import importlib.util
import pathlib
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SPEC = importlib.util.spec_from_file_location("check_text", ROOT / "scripts/check-text.py")
check_text = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(check_text)

WORDS = check_text.Words("# a comment\n\nname oldName\ntype Head\nphrase so many\n")


class CheckTextTests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        subprocess.run(["git", "init", "-q", self.root], check=True)

    def problems(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return list(check_text.problems(self.root, WORDS))

    def test_an_old_name_is_found_as_a_whole_word_with_its_line(self):
        found = self.problems("Sources/A/A.swift", "let a = 1\nlet oldName = 2\nlet oldNames = 3\nlet oldname = 4\n")
        self.assertEqual(found, ['Sources/A/A.swift:2: "oldName" is no longer used'])

    def test_a_phrase_is_found_with_a_capital_first_letter_too(self):
        found = self.problems("docs/a.md", "So many words.\nAlso  many.\nhow so many\nso manyfold\n")
        self.assertEqual([line.split(":")[1] for line in found], ["1", "3"])

    def test_an_everyday_word_is_refused_as_the_name_of_a_type_only(self):
        found = self.problems("Sources/A/A.swift", "package struct Head {}\nlet a = Head\n// a Head\nenum Header {}\n")
        self.assertEqual(len(found), 1)
        self.assertIn("A.swift:1:", found[0])

    def test_a_line_may_have_120_columns_counted_in_characters(self):
        found = self.problems("conf/a.txt", "ü " * 60 + "\n" + "ü " * 60 + "x\n")
        self.assertEqual(found, ["conf/a.txt:2: 121 columns, at most 120 are allowed"])

    def test_tables_addresses_and_data_may_be_wider(self):
        wide = "| " + "x " * 100 + "|\n<https://example.org/" + "x" * 120 + ">\n"
        self.assertEqual(self.problems("docs/a.md", wide), [])
        self.assertEqual(self.problems("conf/a.json", "x " * 100), [])

    def test_a_source_file_may_have_400_lines(self):
        self.assertEqual(self.problems("Sources/A/A.swift", "//\n" * 400), [])
        found = self.problems("Sources/A/B.swift", "//\n" * 401)
        self.assertEqual(found, ["Sources/A/B.swift: 401 lines, at most 400 are allowed"])

    def test_other_folders_and_the_change_log_may_name_what_was(self):
        self.assertEqual(self.problems("Tests/A.swift", "oldName\n"), [])
        self.assertEqual(self.problems("CHANGELOG.md", "oldName\n"), [])

    def test_every_word_of_the_projects_list_is_found(self):
        text = (ROOT / "scripts/old-words.txt").read_text(encoding="utf-8")
        words = check_text.Words(text)
        listed = [line.split(" ", 1) for line in text.splitlines() if line and not line.startswith("#")]
        self.assertGreater(len(listed), 100)
        self.assertEqual(len(listed), len({tuple(entry) for entry in listed}), "a word is listed twice")
        for kind, word in listed:
            with self.subTest(word=word):
                if kind == "type":
                    self.assertTrue(words.types.search(f"package struct {word} {{"))
                else:
                    self.assertTrue(words.everywhere.search(f"/// As {word}, once."))

    def test_words_that_are_still_in_use_are_not_on_the_projects_list(self):
        words = check_text.Words((ROOT / "scripts/old-words.txt").read_text(encoding="utf-8"))
        stored = 'set(fields, "buried", now); {"buried_at": 1, "answer_cache": 2}; the answer_cache, timeout'
        self.assertIsNone(words.everywhere.search(stored))

    def test_a_list_of_words_that_cannot_be_read_is_refused(self):
        with self.assertRaises(SystemExit) as caught:
            check_text.Words("# ok\nwrong oldName\n")
        self.assertIn("old-words.txt:2", str(caught.exception))


if __name__ == "__main__":
    unittest.main()
