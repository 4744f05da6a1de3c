"""The leader board: every protocol with shipped results as a chapter of one page, and whoever is ranked beside them."""

from collections.abc import Iterator, Mapping

from experiments.drawing.keeping import keeping_svg, points
from experiments.evidence.contest import Contest
from experiments.evidence.ranking import LEAST_EATEN, Standing, ranking
from experiments.evidence.scoring import COST, Score, scores
from experiments.evidence.words import words
from experiments.printing import DASH, ends, plain, short_p_value, signed, signed_ends, size, steps
from experiments.report.page import Chapter, Picture, Section, address
from experiments.report.tables import Table, values


def leaderboard_chapters(contests: Mapping[str, Contest], newcomers: Mapping[str, list[str]]) -> list[Chapter]:
    """A chapter for every protocol; ``newcomers`` are agents of it that are not among the shipped ones."""
    chapters = [_chapter(name, contest, newcomers.get(name, [])) for name, contest in contests.items()]
    return [*chapters, Chapter("How to read it", [_how_to_read(), _how_to_join()])]


def ranking_rows(places: list[Standing], rows: list[Score]) -> Iterator[tuple[str, ...]]:
    """Of a table with `COLUMNS`."""
    for place in places:
        against = place.against
        compared, p = DASH, DASH
        if against is not None:
            difference = against.paired.difference
            compared = f"{signed(difference.estimate)} {signed_ends(difference.low, difference.high)}"
            p = short_p_value(against.holm_p)
        forgotten = values(rows, place.line.agent, "intake", "forgetting")
        kept, lived, seconds = (
            _mean(values(rows, place.line.agent, COST, what)) for what in ("bytes_kept", "steps", "cpu_seconds")
        )
        yield (
            place.line.label,
            "bound" if place.is_bound else str(place.group or DASH),
            f"{plain(place.intake.estimate)} {ends(place.intake.low, place.intake.high)}",
            plain(place.performance.estimate) if place.performance else DASH,
            plain(_mean(forgotten)) if forgotten else DASH,
            compared,
            p,
            size(kept),
            steps(lived),
            f"{seconds:,.0f}",
            str(place.intake.n),
        )


COLUMNS = (
    *("agent", "group", "intake [95%]", "performance", "forgets intake", "against plain [95%]", "p (Holm)"),
    *("keeps", "steps", "cpu s", "n"),
)


def _chapter(name: str, contest: Contest, newcomers: list[str]) -> Chapter:
    rows = scores(contest)
    places = ranking(contest, rows)
    texts = [f"Tasks: {', '.join(contest.tests)}. A phase lasts {contest.lines[0].phase_steps:,} steps."]
    if newcomers:
        texts.append(f"New beside the shipped results: {', '.join(newcomers)}.")
    pictures = []
    if points(contest):
        pictures.append(Picture(address(keeping_svg(contest)), _in_words(places), wide=True))
    table = Table(f"{name}: by intake after the last phase", COLUMNS, tuple(ranking_rows(places, rows)))
    return Chapter(
        f"Protocol {name}",
        [Section("Ranking", texts, list(words(contest, rows)), pictures=pictures, tables=[table])],
    )


def _in_words(places: list[Standing]) -> str:
    told = "; ".join(f"{place.line.label} {plain(place.intake.estimate)}" for place in places)
    return f"Intake on old tasks against the new one, a point an agent. Mean intake of all tasks: {told}."


def _how_to_read() -> Section:
    return Section(
        "Columns",
        sentences=[
            "intake: (rewarded − punished) patterns per 100 steps, mean of all tasks after the last phase.",
            f"performance: rewarded / all eaten; left out ({DASH}) where fewer than {LEAST_EATEN:g} pattern per 100 "
            "steps was eaten.",
            "group: agents of one group are not told apart from the best of it (exact sign-flip tests of intake, "
            "Bonferroni over all of them).",
            "against plain: intake minus that of the same algorithm without a remedy, paired over seeds; p of an exact "
            "sign-flip test, Holm-corrected over the table.",
            "In brackets behind a name: what the remedy is told that plain agents are not.",
            "bound: all tasks at once (interleaved), or each alone from scratch (single).",
            "keeps: bytes from earlier tasks, beside the weights.",
        ],
    )


def _how_to_join() -> Section:
    return Section(
        "Your agent here",
        ["An agent is a function that makes something with learn, predict, save and load; see the README."],
        commands=[
            "forage run forgetting --preset full --protocol cycle-cue --agent mypackage.module:make",
            "forage leaderboard runs/forgetting-cycle-cue-full --out leaderboard.html",
        ],
    )


def _mean(numbers: list[float]) -> float:
    return sum(numbers) / len(numbers) if numbers else 0.0
