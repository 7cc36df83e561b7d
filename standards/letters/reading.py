"""Reading the folder of letters: each letter in each language, with everything that is wrong in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import PurePosixPath

from core.errors import did_you_mean
from standards import reading
from standards.catalogue import LANGUAGES
from standards.letters.letter import Letter, LetterClass, LetterSettings, UsedFields, WhenUnknown
from standards.letters.template import read_template
from standards.lists import is_code
from standards.problem import Problem

SETTINGS = "letter.yaml"
SUBJECT, BODY, HTML = "subject.txt", "body.txt", "body.html"

_PARTS = (SUBJECT, BODY, HTML)
_NEEDED = (SUBJECT, BODY)
_SETTINGS = ("class", "when unknown", "title")
_WHEN_UNKNOWN = {"hold for a person": WhenUnknown.HOLD, "send again": WhenUnknown.SEND_AGAIN}


@dataclass(slots=True, kw_only=True)
class _Reader:
    """Collects letters and problems."""

    problems: list[Problem] = field(default_factory=list)

    def find(self, file: str, message: str, line: int = 0) -> None:
        self.problems.append(Problem(file=file, line=line, message=message))

    def letters_of(self, name: str, files: Mapping[str, str]) -> Iterator[Letter]:
        """The letters in one folder; `files` maps a path below it to its text."""
        folder = f"letters/{name}"
        if not is_code(name):
            self.find(folder, f"{name!r} cannot be the name of a letter. Use small letters, digits and underscores.")
        settings = self.settings(folder, files.get(SETTINGS))
        languages: dict[str, dict[str, str]] = {}
        for path, text in files.items():
            language, _, part = path.partition("/")
            if path != SETTINGS and self._is_part(f"{folder}/{path}", language, part):
                languages.setdefault(language, {})[part] = text
        if not languages:
            self.find(
                folder, f"the letter {name!r} has no text. Write {LANGUAGES[0]}/{SUBJECT} and {LANGUAGES[0]}/{BODY}."
            )
        for language, parts in languages.items():
            if self._is_whole(f"{folder}/{language}", parts):
                yield self._letter(name, language, settings, parts)

    def _is_part(self, path: str, language: str, part: str) -> bool:
        if part in _PARTS and language in LANGUAGES:
            return True
        if part in _PARTS:
            self.find(path, f"{language!r} is no language of taktas. Use {', '.join(LANGUAGES)}.")
        else:
            hint = did_you_mean(part or language, (*_PARTS, SETTINGS)) or "."
            self.find(
                path, f"a letter has no such file{hint} It has {SETTINGS}, and for each language {', '.join(_PARTS)}."
            )
        return False

    def _is_whole(self, folder: str, parts: Mapping[str, str]) -> bool:
        missing = [part for part in _NEEDED if not parts.get(part, "").strip()]
        for part in missing:
            self.find(f"{folder}/{part}", "this part of the letter is missing or empty. Write it.")
        return not missing

    def _letter(self, name: str, language: str, settings: LetterSettings, parts: Mapping[str, str]) -> Letter:
        folder = f"letters/{name}/{language}"
        if "\n" in parts[SUBJECT].strip():
            self.find(f"{folder}/{SUBJECT}", "a subject is one line. Move the rest into the body.", 2)
        for part, text in parts.items():
            for finding in read_template(text)[1]:
                self.find(f"{folder}/{part}", f"{finding.message}.", finding.line)
        return Letter(
            name=name,
            language=language,
            subject=parts[SUBJECT].strip(),
            body_text=parts[BODY],
            body_html=parts.get(HTML),
            settings=settings,
            folder=folder,
        )

    def settings(self, folder: str, source: str | None) -> LetterSettings:
        """What the letter.yaml of that folder says."""
        file = f"{folder}/{SETTINGS}"
        if source is None:
            self.find(file, "this file is missing. It says class: service or class: marketing.")
            return LetterSettings()
        root, problems = reading.read_yaml(source, file)
        self.problems += problems
        if not isinstance(root, reading.Mapping):
            self.find(file, "this file says nothing. Write class: service or class: marketing.", 1)
            return LetterSettings()
        for key in root.entries:
            if key not in _SETTINGS:
                hint = did_you_mean(key, _SETTINGS) or "."
                self.find(file, f"a letter has no {key!r}{hint} It has {', '.join(_SETTINGS)}.", root.lines[key])
        return LetterSettings(
            letter_class=self._class(file, root),
            when_unknown=self._when_unknown(file, root),
            titles=self._titles(file, root),
        )

    def _class(self, file: str, root: reading.Mapping) -> LetterClass:
        written = _word(root, "class")
        try:
            return LetterClass(written)
        except ValueError:
            hint = did_you_mean(written, tuple(LetterClass)) or "."
            line = root.lines.get("class", 1)
            self.find(file, f"the class of a letter is {written!r}{hint} Write service or marketing.", line)
            return LetterClass.SERVICE

    def _when_unknown(self, file: str, root: reading.Mapping) -> WhenUnknown:
        if "when unknown" not in root.entries:
            return WhenUnknown.HOLD
        written = _word(root, "when unknown")
        if written not in _WHEN_UNKNOWN:
            line = root.lines["when unknown"]
            self.find(file, f"when unknown is {written!r}. Write hold for a person, or send again.", line)
            return WhenUnknown.HOLD
        return _WHEN_UNKNOWN[written]

    def _titles(self, file: str, root: reading.Mapping) -> dict[str, str]:
        node = root.entries.get("title")
        if node is None:
            return {}
        if isinstance(node, reading.Scalar):
            return dict.fromkeys(LANGUAGES, node.text)
        if isinstance(node, reading.Mapping) and all(isinstance(it, reading.Scalar) for it in node.entries.values()):
            return {key: it.text for key, it in node.entries.items() if isinstance(it, reading.Scalar)}
        self.find(file, "a title is a text, or a text for each language.", root.lines["title"])
        return {}


def _word(root: reading.Mapping, key: str) -> str:
    node = root.entries.get(key)
    return " ".join(node.text.split()) if isinstance(node, reading.Scalar) else ""


def read_letters(files: Mapping[str, str]) -> tuple[tuple[Letter, ...], list[Problem]]:
    """All letters of a folder, and what is wrong in them.

    `files` maps a path below `letters/`, such as `renewal_reminder/lt/body.txt`, to its text.
    """
    reader = _Reader()
    letters: list[Letter] = []
    for name, paths in groupby(sorted(files), key=lambda path: path.partition("/")[0]):
        below = {path.partition("/")[2]: files[path] for path in paths}
        letters += reader.letters_of(name, below)
    return tuple(letters), reader.problems


def letter_files(paths: Iterable[PurePosixPath]) -> tuple[str, ...]:
    """Those of the paths below `letters/` that belong to a letter: no hidden files, no folders of editors."""
    return tuple(str(path) for path in paths if not any(part.startswith((".", "_", "~")) for part in path.parts))


def read_settings(file: str, source: str) -> tuple[LetterSettings, list[Problem]]:
    """What holds for a letter in all its languages, from its letter.yaml, and what is wrong with it."""
    reader = _Reader()
    settings = reader.settings(str(PurePosixPath(file).parent), source)
    return settings, reader.problems


def used_fields(letter: Letter) -> UsedFields:
    """What all parts of a letter read."""
    used = UsedFields()
    for text in letter.parts().values():
        used = used.joined(read_template(text)[0])
    return used
