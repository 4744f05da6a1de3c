"""What a report says, as chapters of sections, and how they become one HTML page and one Markdown file.

Folders of the same protocol and preset whose agents are all different share a chapter, so that a spiking and a deep
run stand side by side. Everything comes from the files of the folders; equal folders give equal text.
"""

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from importlib.resources import files

from jinja2 import Environment, StrictUndefined

from experiments.drawing.style import BACKGROUNDS, COLOURS, task_title
from experiments.evidence.contest import Contest, Line
from experiments.evidence.folders import Folder, together
from experiments.evidence.scoring import INTAKE, NORMALISED, PERFORMANCE, Score, scores
from experiments.evidence.words import words
from experiments.report.figures import bar_figure, course_figures, life_figure
from experiments.report.tables import (
    HEADINGS,
    MEANINGS,
    SCORES,
    HeatMap,
    Table,
    agents_table,
    cost_table,
    end_table,
    finished,
    heat_maps,
    mean_and_spread,
    plain,
    runs_table,
    scores_table,
    settings_table,
    values,
    versions_table,
)

GENERATOR = "forage report"
"""Both files name it in their heads: so a report is known as one of ours."""

_END_BARS = ("average_performance", "forgetting")
_TRANSFER_BARS = ("zero_shot_transfer", "forward_transfer_difference")


@dataclass(frozen=True)
class Picture:
    """A figure as the address of an image, with what it shows in words."""

    address: str
    alt: str
    wide: bool = False


@dataclass(frozen=True)
class Key:
    """A task's colours: of its line, and of the shade where it is trained."""

    line: str
    shade: str
    name: str


@dataclass
class Section:
    """A heading and what stands below it, in this order."""

    title: str
    texts: list[str] = field(default_factory=list)
    sentences: list[str] = field(default_factory=list)
    keys: list[Key] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    heat_maps: list[HeatMap] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)

    def markdown(self) -> Iterator[str]:
        """Its lines, without the pictures."""
        yield from (f"### {self.title}", "")
        for text in self.texts:
            yield from (_escaped(text), "")
        if self.sentences:
            yield from (*(f"- {_escaped(sentence)}" for sentence in self.sentences), "")
        for table in (*(heat_map.table() for heat_map in self.heat_maps), *self.tables):
            yield table.markdown()
        if self.commands:
            yield from ("```bash", *self.commands, "```", "")


@dataclass
class Chapter:
    """The sections about one protocol."""

    title: str
    sections: list[Section]


def chapters(folders: Sequence[Folder]) -> list[Chapter]:
    """Everything that is to be said about the folders."""
    grouped: list[list[Folder]] = []
    for folder in _told_apart(folders):
        group = next((group for group in grouped if _belongs(folder, group)), None)
        if group is None:
            grouped.append([folder])
        else:
            group.append(folder)
    return [*map(_chapter, grouped), Chapter("How to read it", [_measures(), _meanings(), _statistics()])]


def html(title: str, contents: Sequence[Chapter]) -> str:
    """The page, whole: nothing in it is fetched from elsewhere."""
    source = files("experiments.report").joinpath("report.html.jinja").read_text(encoding="utf-8")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(source).render(title=title, chapters=contents, generator=GENERATOR)


def markdown(title: str, contents: Sequence[Chapter]) -> str:
    """The same without figures."""
    lines = [f"<!-- {GENERATOR} -->", f"# {_escaped(title)}", ""]
    for chapter in contents:
        lines += [f"## {_escaped(chapter.title)}", ""]
        for section in chapter.sections:
            lines += section.markdown()
    return "\n".join(lines).rstrip() + "\n"


def _told_apart(folders: Sequence[Folder]) -> list[Folder]:
    """Folders of equal names get a number."""
    names = [folder.name for folder in folders]
    return [
        replace(folder, name=f"{folder.name} ({names[: i + 1].count(folder.name)})")
        if names.count(folder.name) > 1
        else folder
        for i, folder in enumerate(folders)
    ]


def _belongs(folder: Folder, group: Sequence[Folder]) -> bool:
    taken = {line.agent for other in group for line in other.contest.lines}
    mine = {line.agent for line in folder.contest.lines}
    return _kind(folder) == _kind(group[0]) and not taken & mine


def _kind(folder: Folder) -> tuple[object, ...]:
    return (
        folder.contest.protocol,
        folder.contest.tests,
        folder.contest.habitat,
        folder.configured("experiment"),
        folder.configured("preset"),
    )


def _chapter(folders: Sequence[Folder]) -> Chapter:
    contest = together(folders)
    preset = folders[0].configured("preset")
    title = f"Protocol {contest.protocol}" + (f", {preset}" if preset else "")
    title += ": " + ", ".join(folder.name for folder in folders)
    rows = scores(contest)
    sections = [_what_was_run(folders, contest)]
    if rows:
        sections += [
            _ends(contest, rows),
            _courses(folders, contest),
            _matrices(contest),
            _transfer(contest, rows),
            _compared(contest, rows),
            _cost(contest, rows),
        ]
    else:
        sections.append(Section("Nothing to show yet", ["No agent has been through all its stages yet."]))
    sections += [
        Section("Configuration", tables=[settings_table(folders), versions_table(folders)]),
        _again(folders),
    ]
    return Chapter(title, sections)


def _what_was_run(folders: Sequence[Folder], contest: Contest) -> Section:
    return Section("What was run", tables=[runs_table(folders), agents_table(contest)])


def _ends(contest: Contest, rows: Sequence[Score]) -> Section:
    return Section(
        "What is left at the end",
        ["Performance alone flatters an agent that hardly eats: intake stands beside it.", _about_bars(contest)],
        pictures=list(_bars(contest, rows, _END_BARS)),
        tables=[end_table(contest, rows)],
    )


def _about_bars(contest: Contest) -> str:
    seeds = [len(contest.seeds(line)) for line in finished(contest)]
    n = f"{min(seeds)}" if len(set(seeds)) == 1 else f"{min(seeds)} to {max(seeds)}"
    return f"Bars: mean over seeds (n = {n}). Black line: 95% BCa interval, from 3 seeds on. Dots: single seeds."


def _bars(contest: Contest, rows: Sequence[Score], names: Sequence[str]) -> Iterator[Picture]:
    for name in names:
        for measure in (PERFORMANCE, INTAKE):
            drawn = bar_figure(contest, rows, measure, name)
            if drawn is None:
                continue
            told = [
                f"{line.agent} {mean_and_spread(numbers)}"
                for line in finished(contest)
                if (numbers := values(rows, line.agent, measure, name))
            ]
            alt = f"Bars of {SCORES[name]}, {HEADINGS[measure]}, with 95% intervals: {'; '.join(told)}."
            yield Picture(address(drawn), alt)


def _courses(folders: Sequence[Folder], contest: Contest) -> Section:
    keys = [
        Key(COLOURS[i % len(COLOURS)], BACKGROUNDS[i % len(BACKGROUNDS)], task_title(task))
        for i, task in enumerate(contest.tests)
    ]
    drawn = course_figures(contest)
    lines = {line.agent: line for line in finished(contest)}
    pictures = [Picture(address(svg), _course_in_words(contest, lines[name])) for name, svg in drawn.items()]
    several = any(len(contest.seeds(line)) > 1 for line in lines.values())
    text = "Performance (above) and intake (below) on every task along every phase."
    if several:
        text += " Bands: mean ± standard deviation over seeds."
    return Section("Learning curves", [text], keys=keys, pictures=[*_lives(folders), *pictures])


def _lives(folders: Sequence[Folder]) -> Iterator[Picture]:
    """The figure of the sleep experiment, whose stages are a tree."""
    for folder in folders:
        if folder.configured("experiment") != "sleep":
            continue
        told = folder.contest
        protocol = folder.run.plans[0].protocol
        # stages that branches share stand in the contest once for each
        curve = list({row._replace(agent=""): row for row in told.curve}.values())
        results = list({row._replace(agent=""): row for row in told.results}.values())
        alt = (
            f"Performance of {folder.name} along all stages, shaded by what they train, and bars of it after each of "
            "them beside the values of Golden et al. 2022. The numbers stand in the tables below."
        )
        yield Picture(address(life_figure(protocol, curve, results)), alt, wide=True)


def _course_in_words(contest: Contest, line: Line) -> str:
    parts = [f"Learning curves of {line.agent} over {len(line.phases)} phases. Mean over seeds at the end:"]
    for number, task in enumerate(line.tests):
        last = [
            sum(contest.last(line, seed, measure)[number] for seed in contest.seeds(line)) / len(contest.seeds(line))
            for measure in (PERFORMANCE, INTAKE)
        ]
        parts.append(f"{task_title(task)} performance {plain(last[0])}, intake {plain(last[1])};")
    return " ".join(parts).rstrip(";") + "."


def _matrices(contest: Contest) -> Section:
    return Section(
        "Every task after every phase (R)",
        [
            "Means over seeds. Rows: before any training and after every phase; columns: tasks; • marks what the phase "
            "trained. "
            "Blue: above an agent that knows nothing (performance 0.5, intake 0); orange: below."
        ],
        heat_maps=[
            heat_map
            for pair in zip(*(heat_maps(contest, m) for m in (PERFORMANCE, INTAKE)), strict=True)
            for heat_map in pair
        ],
    )


def _transfer(contest: Contest, rows: Sequence[Score]) -> Section:
    return Section(
        "Scores and transfer",
        ["What the columns mean stands at the end of this page.", _about_bars(contest)],
        pictures=list(_bars(contest, rows, _TRANSFER_BARS)),
        tables=[scores_table(contest, rows, measure) for measure in (PERFORMANCE, INTAKE, NORMALISED)],
    )


def _compared(contest: Contest, rows: Sequence[Score]) -> Section:
    told = list(words(contest, rows))
    texts = [] if told else ["No remedy has plain learning of its species beside it, so nothing is compared."]
    return Section("Comparisons", texts, sentences=told)


def _cost(contest: Contest, rows: Sequence[Score]) -> Section:
    text = (
        "Stages that agents share count for each of them. Seconds include tests. Bytes kept: from earlier tasks, "
        "beside the weights, the most at any stage's end."
    )
    return Section("Cost", [text], tables=[cost_table(contest, rows)])


def _again(folders: Sequence[Folder]) -> Section:
    texts, commands = [], []
    for folder in folders:
        commit, command = folder.configured("commit"), folder.configured("command")
        commands.append(f"# {folder.name}")
        if commit:
            commands.append(f"git checkout {str(commit).removesuffix('-dirty')}")
        if str(commit).endswith("-dirty"):
            texts.append(f"{folder.name}: the checkout had changes that are in no commit (-dirty).")
        commands.append(str(command or "# its command is not known"))
    return Section("To make it again", texts, commands=commands)


def _measures() -> Section:
    return Section(
        "Measures",
        sentences=[
            "performance: rewarded / all pairs eaten in a frozen test, 0.5 if nothing was eaten; chance is 0.5.",
            "intake: (rewarded − punished) pairs per 100 steps; a random forager's is about 0.",
            "normalised: intake on a scale from a random forager (0) to one with full knowledge (1), with the "
            "constants of Forage-v0.",
        ],
    )


def _meanings() -> Section:
    return Section("Scores", sentences=[f"{name}: {meaning}" for name, meaning in MEANINGS.items()])


def _statistics() -> Section:
    return Section(
        "Statistics",
        sentences=[
            "The unit is the seed, and n their number; only lives with all stages and tests count.",
            "[low, high]: 95% BCa bootstrap interval over seeds, from 3 seeds on; with few it is too narrow (5 seeds: "
            "it holds the true mean in about 84% of samples of normal values). ±: standard deviation.",
            "p: exact two-sided sign-flip test of differences paired over seeds, Holm-corrected within a chapter.",
        ],
    )


def address(svg: str) -> str:
    """Of a figure that lies in the page itself."""
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()


def _escaped(text: str) -> str:
    """Text that Markdown leaves as it is."""
    return "".join("\\" + c if c in "\\`*_<|" else c for c in text)
