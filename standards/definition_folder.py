"""Reading a whole folder of definitions: processes, standards, calendars, letters and lists, checked together."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path, PurePosixPath

from core.errors import TaktasError, did_you_mean
from standards.checking import Surroundings, check_process, check_processes
from standards.checking.surroundings import facts_of_letters
from standards.checking.what_stays import as_published, check_what_stays
from standards.known_house import NO_HOUSE, InForce, KnownHouse
from standards.letters.letter import Letter
from standards.letters.reading import letter_files, read_letters
from standards.list_reading import read_lists
from standards.lists import Lists
from standards.parsing import parse_process
from standards.problem import DefinitionsNotValid, Problem, in_order
from standards.process import Process
from standards.reading import LARGEST_FILE, Node, read_yaml
from standards.service.cascade import AmbiguousStandards, resolve
from standards.service.checking import check_book, known_work
from standards.service.reading import read_book
from standards.service.standard import Dimensions, StandardBook
from standards.working_time.calendar import CalendarDefinition
from standards.working_time.calendar_reading import read_calendar

FOLDERS = ("processes", "standards", "calendars", "letters")
LISTS = "lists.yaml"
_READ_ME = ("readme", "readme.md", "readme.txt")


class DefinitionFolderNotFound(TaktasError):
    """There is no folder of definitions at a path."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Definitions:
    """Everything a folder defines, and everything that is wrong with it.

    `sources` maps each file, relative to the folder, to its text: what publishing keeps. `remarks` refuse nothing.
    """

    folder: Path
    processes: Mapping[str, Process] = field(default_factory=dict)
    book: StandardBook = field(default_factory=StandardBook)
    calendars: Mapping[str, CalendarDefinition] = field(default_factory=dict)
    letters: tuple[Letter, ...] = ()
    lists: Lists = field(default_factory=Lists)
    sources: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    remarks: tuple[Problem, ...] = ()

    def checked(self) -> Definitions:
        """The same, when nothing is wrong. Raises: DefinitionsNotValid with every problem."""
        if self.problems:
            raise DefinitionsNotValid(self.problems)
        return self


def library_folder() -> Path:
    """The folder of the definitions that come with taktas."""
    return Path(str(files("standards") / "library"))


def read_definitions(folder: Path | None = None, *, house: KnownHouse = NO_HOUSE) -> Definitions:
    """Read and check a folder (without one: the library's), all problems at once.

    `house`: whose teams, people, product lines and insurers may be named, where it is known.

    Raises: DefinitionFolderNotFound. Nothing else: what is wrong inside the folder is told in `problems`.
    """
    place = folder if folder is not None else library_folder()
    if not place.is_dir():
        raise DefinitionFolderNotFound(f"There is no folder {place}. Name the folder that holds {', '.join(FOLDERS)}.")
    return _Reader(place).read(house)


class _Reader:
    """Reads the files of one folder and gathers what is wrong with them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sources: dict[str, str] = {}
        self.problems: list[Problem] = []

    def read(self, house: KnownHouse) -> Definitions:
        self._gather()
        lists = self._lists()
        letters = self._letters()
        processes, noted = self._processes()
        book, book_problems = read_book([(file, self._root(file)) for file in self._files("standards")])
        self.problems += book_problems
        calendars = self._calendars(house.in_force.calendars)
        after = self._after(house.in_force, processes, letters, lists, book)
        around = _surroundings(house, after)
        for process, problems in noted:
            self.problems += check_process(process, around, problems)
        staying = [it for name, it in house.in_force.processes.items() if name not in processes]
        self.problems += check_what_stays(staying, _surroundings(house, house.in_force), around)
        self.problems += check_processes(after.processes.values())
        self._check_book(house, after)
        return Definitions(
            folder=self.folder,
            processes=processes,
            book=book,
            calendars=calendars,
            letters=letters,
            lists=lists,
            sources=self.sources,
            problems=in_order([it for it in self.problems if not it.is_remark]),
            remarks=in_order([it for it in self.problems if it.is_remark]),
        )

    def _after(
        self,
        before: InForce,
        processes: Mapping[str, Process],
        letters: tuple[Letter, ...],
        lists: Lists,
        book: StandardBook,
    ) -> InForce:
        """What would be in force with this folder published."""
        return InForce(
            processes={**before.processes, **processes},
            letters={**before.letters, **facts_of_letters(letters)},
            lists=lists if LISTS in self.sources else before.lists,
            book=book if self._files("standards") else before.book,
        )

    def _check_book(self, house: KnownHouse, after: InForce) -> None:
        problems = check_book(after.book, known_work(after.processes.values(), after.lists, house))
        self.problems += problems if self._files("standards") else [as_published(it) for it in problems]

    def _note(self, file: str, message: str, line: int = 0) -> None:
        self.problems.append(Problem(file=file, line=line, message=message))

    def _gather(self) -> None:
        for path in sorted(self.folder.iterdir()):
            if path.name.startswith((".", "_", "~")) or path.name.lower() in _READ_ME:
                continue
            if path.name in FOLDERS and path.is_dir():
                self._gather_folder(path)
            elif path.name == LISTS and not path.is_dir():
                self._take(path)
            elif path.name in (*FOLDERS, LISTS):
                self._note(
                    path.name, f"{path.name} must be a {'file' if path.name == LISTS else 'folder'}. Rename this."
                )
            else:
                hint = did_you_mean(path.name, (*FOLDERS, LISTS)) or "."
                known = ", ".join((*FOLDERS, LISTS))
                self._note(path.name, f"a folder of definitions has no such part{hint} It has {known}.")

    def _gather_folder(self, folder: Path) -> None:
        below = sorted(path for path in folder.rglob("*") if not path.is_dir())
        if folder.name == "letters":
            wanted = letter_files(PurePosixPath(path.relative_to(folder).as_posix()) for path in below)
            for each in wanted:
                self._take(folder / each)
            return
        for path in below:
            if path.name.startswith((".", "_", "~")) or path.name.lower() in _READ_ME:
                continue
            if path.suffix == ".yaml" and path.parent == folder:
                self._take(path)
            else:
                file = path.relative_to(self.folder).as_posix()
                self._note(
                    file,
                    f"{folder.name} holds files named like {path.name.split('.')[0]}.yaml, and nothing below them.",
                )

    def _take(self, path: Path) -> None:
        file = path.relative_to(self.folder).as_posix()
        try:
            with path.open("rb") as opened:
                raw = opened.read(LARGEST_FILE + 1)
        except OSError as error:
            self._note(file, f"the file cannot be read: {error.strerror}. Check that it is there and may be read.")
            return
        if len(raw) > LARGEST_FILE:
            self._note(
                file, f"the file has more than {LARGEST_FILE:,} bytes, the most a definition may have. Split it."
            )
            return
        try:
            self.sources[file] = raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = raw[: error.start].count(b"\n") + 1
            self._note(file, "this line is not UTF-8 text. Save the file as UTF-8.", line)

    def _files(self, folder: str) -> list[str]:
        return [file for file in self.sources if file.startswith(f"{folder}/")]

    def _root(self, file: str) -> Node | None:
        root, problems = read_yaml(self.sources[file], file)
        self.problems += problems
        return root

    def _lists(self) -> Lists:
        if LISTS not in self.sources:
            return Lists()
        lists, problems = read_lists(self._root(LISTS), LISTS)
        self.problems += problems
        return lists

    def _letters(self) -> tuple[Letter, ...]:
        below = {file.removeprefix("letters/"): self.sources[file] for file in self._files("letters")}
        letters, problems = read_letters(below)
        self.problems += problems
        return letters

    def _calendars(self, in_force: Set[str]) -> dict[str, CalendarDefinition]:
        calendars: dict[str, CalendarDefinition] = {}
        for file in self._files("calendars"):
            calendar, problems = read_calendar(self._root(file), file)
            self.problems += problems
            if calendar is not None:
                self._named_after(file, "calendar", calendar.name)
                calendars[calendar.name] = calendar
        for calendar in calendars.values():
            if calendar.above is not None and calendar.above not in calendars.keys() | in_force:
                hint = did_you_mean(calendar.above, sorted(calendars.keys() | in_force)) or "."
                file = f"calendars/{calendar.name}.yaml"
                self._note(file, f"the calendar lies over {calendar.above!r}, which there is not{hint} Name another.")
        return calendars

    def _processes(self) -> tuple[dict[str, Process], list[tuple[Process, list[Problem]]]]:
        processes: dict[str, Process] = {}
        noted: list[tuple[Process, list[Problem]]] = []
        for file in self._files("processes"):
            process, problems = parse_process(self.sources[file], file)
            if process is None:
                self.problems += problems
                continue
            noted.append((process, problems))
            if process.name:
                self._named_after(file, "process", process.name)
                processes.setdefault(process.name, process)
        return processes, noted

    def _named_after(self, file: str, what: str, name: str) -> None:
        if PurePosixPath(file).stem != name:
            self._note(file, f"the file holds the {what} {name!r}. Call it {name}.yaml, so that it can be found.")


def _surroundings(house: KnownHouse, published: InForce) -> Surroundings:
    """What processes may lean on in that house with this published."""
    return Surroundings(
        processes=published.processes,
        letters=published.letters,
        lists=house.with_lists(published.lists) if published.lists.lists else None,
        teams=sorted(house.teams) or None,
        is_timed=_timed_by(published.book),
    )


class _Timed:
    """Whether some standard gives a piece of work a due time, whoever the client is."""

    def __init__(self, book: StandardBook) -> None:
        self.book = book

    def __call__(self, process: str, step: str, action: str) -> bool:
        try:
            resolution = resolve(self.book, Dimensions(action=action, process=process, step=step))
        except AmbiguousStandards:
            return True  # what two standards leave undecided is told by the checks of the book
        return resolution.fields.due is not None


def _timed_by(book: StandardBook) -> _Timed | None:
    return _Timed(book) if book.standards else None
